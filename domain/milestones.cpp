#include "domain/milestones.hpp"

namespace elsec::domain {

void pass_milestone(std::vector<milestone>& passed, milestone one, std::uint64_t newest) {
  passed.push_back(std::move(one));
  for (auto i = passed.size() - 1; i >= 2; --i) {
    const auto age = newest - passed[i].sequence;
    if (passed[i].sequence - passed[i - 2].sequence <= age)
      passed.erase(passed.begin() + static_cast<std::ptrdiff_t>(i) - 1);
  }
}

}  // namespace elsec::domain
