// Entry point of every test executable.
#define BOOST_TEST_MODULE elsec
#include <boost/test/unit_test.hpp>
