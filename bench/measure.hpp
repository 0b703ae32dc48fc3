#pragma once
// Delays, and what is said about them: percentiles over every single one, no histogram.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace elsec::bench {

class delays {
 public:
  void add(double seconds) { values_.push_back(seconds); }
  void merge(const delays& other) { values_.insert(values_.end(), other.values_.begin(), other.values_.end()); }
  [[nodiscard]] std::size_t count() const { return values_.size(); }

  // In milliseconds; 0 when there is none. `share` from 0 to 1.
  [[nodiscard]] double percentile_ms(double share) {
    if (values_.empty()) return 0;
    std::ranges::sort(values_);
    const auto at = static_cast<std::size_t>(share * static_cast<double>(values_.size() - 1) + 0.5);
    return values_[at] * 1e3;
  }

 private:
  std::vector<double> values_;
};

// What the driver reads: one line of JSON.
[[nodiscard]] inline std::string result_line(double rate, delays& of, std::size_t failed) {
  return fmt::format(R"({{"rate":{:.2f},"count":{},"failed":{},"p50_ms":{:.4f},"p99_ms":{:.4f}}})", rate, of.count(),
                     failed, of.percentile_ms(0.50), of.percentile_ms(0.99));
}

}  // namespace elsec::bench
