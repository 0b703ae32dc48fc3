#pragma once
// Every reason the checks know. The worker process hands over these codes only; their sentences are added by its
// parent. So not even a job that a hostile file has taken over can put words from a file into a finding.

#include "postal/worker.hpp"

#include <boost/describe.hpp>

#include <string_view>
#include <vector>

namespace elsec::postal {

BOOST_DEFINE_ENUM_CLASS(finding_code,
                        active_content,       // scripts, actions that run by themselves or send data
                        launch_action,        // starts a program
                        rich_media,           // embedded players
                        embedded_executable,  // an attachment inside the PDF that a computer would run
                        executable,           // the file itself is a program, script or HTML page
                        macros,               // an office document with macros
                        encrypted,            // needs a password to be opened
                        unreadable,           // cannot be parsed within the limits
                        damaged,              // only readable after a repair that may lose pages
                        type_mismatch,        // content of another type than claimed
                        not_a_pdf,            //
                        no_pages,             //
                        too_many_pages,       // more than a carrier takes
                        dynamic_form,         // pages that exist only in a viewer that runs the form
                        too_large,            // the composed letter exceeds its limit
                        unprintable_address,  // characters the letter's font lacks
                        address_too_long)     // does not fit into the window in a legible size

using findings = std::vector<finding_code>;

// Adds a reason once.
void add(findings& list, finding_code code);

[[nodiscard]] std::string_view sentence_of(finding_code code) noexcept;
[[nodiscard]] std::vector<finding> describe(const findings& codes);

}  // namespace elsec::postal
