#pragma once
// What an address says about the letter that goes there, before anybody pays for it (R2, R7).

#include "domain/organisation.hpp"

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <vector>

namespace elsec::domain {

BOOST_DEFINE_ENUM_CLASS(finding_level, warning)

// Something about a letter that its sender should look at; it goes out all the same.
struct letter_finding {
  std::string code;  // stable
  finding_level level{};
  std::string detail;

  bool operator==(const letter_finding&) const = default;
};
BOOST_DESCRIBE_STRUCT(letter_finding, (), (code, level, detail))

// Why no letter can arrive there, whatever the town: a name without a letter, or words that stand for "none" where a
// name, a line, a box, a postal code, street or town belongs ("xxx", "unbekannt", "ohne festen Wohnsitz", "NFA"), or a
// town that holds what has a place of its own and would be printed twice ("01097 Dresden", "Dresden, Deutschland"). The
// pointer is "/name" or to a member of "/address"; nothing when it is a place where somebody may live.
[[nodiscard]] std::optional<field_error> undeliverable(const std::string& name, const address& where);
// The same of a name alone.
[[nodiscard]] std::optional<field_error> undeliverable(const std::string& name);

// Why an address window cannot show it: a sign that its font lacks, or lines that do not fit into it in a legible size
// (domain/address_window.hpp); then the longest is named. Pointers as above; nothing when it can be printed.
[[nodiscard]] std::optional<field_error> unshowable(const std::string& name, const address& where);
// Why the line above the window cannot show the sender: a sign that the font lacks. A sentence's end that begins with
// "holds"; one that is too long is shortened.
[[nodiscard]] std::optional<std::string> unshowable_sender(const organisation& who);

// What looks wrong, but may be right: no street, which only a major recipient's postal code can do without
// (`street_missing`), and names and streets of sample letters (`sample_name`, `sample_address`: there are streets
// called Musterstraße).
[[nodiscard]] std::vector<letter_finding> doubts_about(const std::string& name, const address& where);

// The lines of the address window, never more than six: name, extra lines, street or post-office box, postal code and
// city, and for addresses abroad the country in German capitals.
[[nodiscard]] std::vector<std::string> address_lines(const std::string& name, const address& where);

// Where letters to an organisation go, and where those that cannot be delivered come back to.
[[nodiscard]] const address& letters_go_to(const organisation& who) noexcept;
[[nodiscard]] const address& letters_go_to(const card& who) noexcept;

// The sender in one line above the window: name, street or post-office box, postal code and city.
[[nodiscard]] std::string sender_line(const organisation& who);

}  // namespace elsec::domain
