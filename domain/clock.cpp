#include "domain/clock.hpp"

#include <algorithm>

namespace elsec::domain {

namespace {

// Sums and differences of such times stay far within 64 bits of microseconds.
constexpr std::chrono::milliseconds wall_max{1'000'000'000'000'000};

}  // namespace

clock_watch::finding clock_watch::observe(time_point wall, std::chrono::nanoseconds since_boot) {
  const auto boot = std::chrono::floor<microseconds>(since_boot);
  const microseconds offset = std::clamp(wall.time_since_epoch(), -wall_max, wall_max) - boot;
  if (!baseline_) {
    baseline_ = offset;
    latest_ = forgiven_until_ = boot;
    return finding::nothing;
  }
  const auto passed = std::max(boot - latest_, microseconds{0});
  latest_ += passed;
  forgive_drift(offset);
  const auto off = offset - *baseline_;
  if (std::chrono::abs(off) > clock_tolerance) {
    baseline_ = offset;
    agreed_ = {};
    paused_ = true;
    jumped_by_ = std::chrono::round<std::chrono::milliseconds>(off);
    jumped_at_ = wall;
    return finding::jumped;
  }
  if (!paused_) return finding::nothing;
  agreed_ += std::min<microseconds>(passed, clock_unwatched_max);
  if (agreed_ < clock_agreement) return finding::nothing;
  paused_ = false;
  return finding::agreed;
}

// In whole shares, so that it comes to the same however often somebody looks.
void clock_watch::forgive_drift(microseconds offset) {
  const auto share = (latest_ - forgiven_until_) / clock_drift_share;
  forgiven_until_ += share * clock_drift_share;
  *baseline_ += std::clamp(offset - *baseline_, -share, share);
}

bool clock_watch::resume() noexcept {
  const bool was = paused_;
  paused_ = false;
  return was;
}

}  // namespace elsec::domain
