#include "actors/pacing.hpp"

#include "actors/limits.hpp"

#include <algorithm>

namespace elsec::actors {

pacing::duration pacing::first_repeat() { return link_repeat_first; }
double pacing::first_places() { return static_cast<double>(link_requests_first); }

void pacing::answered(std::optional<duration> took, bool all_in_use) {
  if (!took) return;
  measure(*took);
  if (*took <= link_answer_soon && all_in_use) {
    places_ = std::min(places_ + (grows_fast_ ? 1.0 : 1.0 / places_), static_cast<double>(link_requests_max));
  } else if (*took > 2 * link_answer_soon) {
    grows_fast_ = false;
    places_ = std::max(places_ - 1.0 / places_, 1.0);
  }
}

// RFC 6298, 2.2 and 2.3, with its factors: an eighth, a quarter, and four times the variation.
void pacing::measure(duration took) {
  if (!smoothed_) {
    smoothed_ = took;
    variation_ = took / 2;
  } else {
    const auto off = *smoothed_ > took ? *smoothed_ - took : took - *smoothed_;
    variation_ = (3 * variation_ + off) / 4;
    smoothed_ = (7 * *smoothed_ + took) / 8;
  }
  repeat_after_ = std::clamp<duration>(*smoothed_ + 4 * variation_, link_repeat_min, link_repeat_max);
}

// The longer wait stays until an answer can be measured again.
void pacing::timed_out() {
  grows_fast_ = false;
  places_ = std::max(places_ / 2, 1.0);
  repeat_after_ = std::min<duration>(2 * repeat_after_, link_repeat_max);
}

}  // namespace elsec::actors
