// Headers of envelopes: what passes is well-formed in every part, and a header passes exactly when it is.
#include "transport/envelope.hpp"

#include "fuzz/targets.hpp"

#include <algorithm>
#include <string>

namespace elsec::fuzz {
namespace {

using transport::envelope_header;

bool consists_of(std::string_view text, std::size_t min, std::size_t max, std::string_view alphabet) {
  return text.size() >= min && text.size() <= max && text.find_first_not_of(alphabet) == std::string_view::npos;
}

// Told once more, apart from the code under test.
bool is_well_formed(const envelope_header& header) {
  constexpr std::string_view name = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return consists_of(header.from, 1, 40, name) && consists_of(header.to, 1, 40, name) &&
         consists_of(header.kind, 1, 32, "abcdefghijklmnopqrstuvwxyz_") &&
         consists_of(header.epoch, 32, 32, "0123456789abcdef") &&
         consists_of(header.id, 26, 26, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") && header.id.front() <= '7';
}

// Bytes of the input as the parts of a header; eight of them as its numbers.
envelope_header header_of(reader in) {
  envelope_header header;
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | in.byte();
  header.version = static_cast<std::uint32_t>(number);
  header.sequence = number;
  header.time = domain::time_point{std::chrono::milliseconds{static_cast<std::int64_t>(number)}};
  for (auto* part : {&header.epoch, &header.from, &header.to, &header.kind, &header.id}) *part = in.line();
  return header;
}

void passes_when_well_formed(const envelope_header& header) {
  const auto frame = transport::encode_header(header);
  const auto read = transport::decode_header(frame);
  must(read.has_value() == is_well_formed(header), "a header passes exactly when it is well-formed");
  if (read) must(*read == header, "a header comes back as it was");
}

}  // namespace

void envelope(bytes_view input) {
  const auto read = transport::decode_header(input);
  if (!read) must(read.error().code == domain::error_code::invalid, "what is no header is `invalid`");
  if (read) {
    must(input.size() <= transport::header_bytes_max, "a header that is too long is none");
    must(is_well_formed(*read), "what passes is well-formed");
    passes_when_well_formed(*read);
  }
  passes_when_well_formed(header_of(reader(input)));
}

}  // namespace elsec::fuzz
