#pragma once
// Stands for the PDF child process. A "letter" is the recipient's lines and the documents' bytes, so that what was
// printed can be compared with what was sent. Now and then it does not come about, for a reason that passes.

#include "postal/worker.hpp"

#include <functional>

namespace elsec::simulation {

class pdf_double : public postal::pdf_service {
 public:
  explicit pdf_double(std::function<bool()> fails) : fails_(std::move(fails)) {}

  [[nodiscard]] domain::result<postal::inspection> inspect(std::span<const std::uint8_t> file,
                                                           const std::string& claimed_type) override;
  [[nodiscard]] domain::result<postal::composed_letter> compose(
      const postal::cover& words, const std::vector<std::span<const std::uint8_t>>& documents) override;

 private:
  std::function<bool()> fails_;
};

}  // namespace elsec::simulation
