#pragma once
// A bell for the polling thread (eventfd): rung by any thread, polled beside the sockets.

namespace elsec::transport {

class wakeup {
 public:
  wakeup();  // throws std::system_error when no descriptor is left
  ~wakeup();
  wakeup(const wakeup&) = delete;
  wakeup& operator=(const wakeup&) = delete;

  void ring() noexcept;     // never blocks; rings that nobody heard yet are one
  void silence() noexcept;  // to be called before looking at what the ring was about
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace elsec::transport
