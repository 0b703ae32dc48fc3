#pragma once
// Stands for the PDF child process. A "letter" is the recipient's lines and the documents' bytes, so that what was
// printed can be compared with what was sent.

#include "postal/worker.hpp"

namespace elsec::simulation {

class pdf_double : public postal::pdf_service {
 public:
  [[nodiscard]] domain::result<postal::inspection> inspect(std::span<const std::uint8_t> file,
                                                           const std::string& claimed_type) override;
  [[nodiscard]] domain::result<postal::composed_letter> compose(
      const postal::cover& words, const std::vector<std::span<const std::uint8_t>>& documents) override;
};

}  // namespace elsec::simulation
