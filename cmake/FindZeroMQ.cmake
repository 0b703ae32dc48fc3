# Gives ZeroMQ::libzmq. Not through pkg-config: Debian's file also names the include folders of libzmq's own libraries as
# `-isystem`, and CMake sorts those differently in a second configure than in the first, so that everything would be
# built again.
find_path(ZeroMQ_INCLUDE_DIR zmq.h)
find_library(ZeroMQ_LIBRARY zmq)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ZeroMQ REQUIRED_VARS ZeroMQ_LIBRARY ZeroMQ_INCLUDE_DIR)
if(ZeroMQ_FOUND AND NOT TARGET ZeroMQ::libzmq)
  add_library(ZeroMQ::libzmq UNKNOWN IMPORTED)
  set_target_properties(ZeroMQ::libzmq PROPERTIES
    IMPORTED_LOCATION "${ZeroMQ_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${ZeroMQ_INCLUDE_DIR}")
endif()
