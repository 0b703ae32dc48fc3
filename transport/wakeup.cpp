#include "transport/wakeup.hpp"

#include <cerrno>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace elsec::transport {

wakeup::wakeup() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

wakeup::~wakeup() { close(descriptor_); }

// Both calls fail only with EAGAIN: the counter is full (the bell rings already) or zero (it is silent already).
void wakeup::ring() noexcept { eventfd_write(descriptor_, 1); }

void wakeup::silence() noexcept {
  eventfd_t rings = 0;
  eventfd_read(descriptor_, &rings);
}

}  // namespace elsec::transport
