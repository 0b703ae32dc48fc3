// Requirement G3: a letter handed over again is the same letter, and no half of one is ever seen.

#include "domain/ids.hpp"
#include "postal/carrier.hpp"
#include "tests/postal/support.hpp"

#include <boost/json/parse.hpp>

#include <fcntl.h>
#include <sched.h>
#include <set>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace elsec::postal::testing {
namespace {

namespace fs = std::filesystem;
using domain::error_code;

const std::string letter = "ltr_01J9ZQ6Z7N2M4X8K3V5T1R0B9C";
const std::string other_letter = "ltr_01J9ZQ6Z7N2M4X8K3V5T1R0B9D";
const domain::time_point letter_made{std::chrono::milliseconds(1728715128053)};

ticket example_ticket(const std::string& id = letter) {
  return {.letter_id = id,
          .dispatch_id = "dsp_01J9ZQ6Z7N2M4X8K3V5T1R0B9C",
          .created_at = domain::time_point(std::chrono::milliseconds(1'700'000'000'000)),
          .pages = 3,
          .sheets = 2,
          .recipient = {"Frau Erika Beispiel", "Ringweg 7", "53115 Musterhausen"},
          .sender = "Klinik Musterstadt, Am Tor 1, 12345 Musterstadt",
          .pdf_bytes = 4};
}

struct print_room {
  temp_folder folder;
  domain::time_point now = letter_made + std::chrono::days(1);

  [[nodiscard]] std::string spool() const { return folder.in("spool"); }
  [[nodiscard]] std::string in(const std::string& name) const { return spool() + "/" + name; }
  [[nodiscard]] spool_options options() const {
    return {.folder = spool(), .transform = {}, .now = [this] { return now; }};
  }
  [[nodiscard]] std::unique_ptr<carrier> open() const { return open_spool(options()).value(); }

  [[nodiscard]] std::set<std::string> names(const std::string& sub = "") const {
    std::set<std::string> all;
    for (const auto& entry : fs::directory_iterator(in(sub))) all.insert(entry.path().filename().string());
    all.erase("done");
    all.erase("sent");
    return all;
  }
  void put(const std::string& name, const std::string& text) const { write_file(in(name), to_bytes(text)); }
  void move_to_done(const std::string& name) const { fs::rename(in(name), in("done/" + name)); }
};

const std::set<std::string> whole_letter{letter + ".pdf", letter + ".json"};
const domain::bytes pdf = to_bytes("%PDF");

std::vector<std::string> sent(carrier& spool) {
  std::vector<std::string> letters;
  const std::vector<report> news = spool.poll().value();
  for (const report& r : news) letters.push_back(r.letter_id);
  return letters;
}

mode_t mode_of(const std::string& path) {
  struct stat about{};
  BOOST_REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777U;
}

// What `job` returns, in a process of its own.
template <class Job>
int status_of_child(Job job) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(job());
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  return WEXITSTATUS(status);
}

// For this process and its mounts alone.
bool mount_small_disk(const std::string& folder) {
  return ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=100k") == 0;
}

// Not everybody may mount, not even every root: not in a container without the capability, nor in a plain chroot.
boost::test_tools::assertion_result can_mount(boost::unit_test::test_unit_id) {
  const temp_folder folder;
  boost::test_tools::assertion_result can(status_of_child([&] { return mount_small_disk(folder.in(".")) ? 0 : 1; }) ==
                                          0);
  can.message() << "no file system can be mounted here";
  return can;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(spool_folder, *boost::unit_test::label("G3"))

BOOST_AUTO_TEST_CASE(letter_is_a_pdf_and_a_ticket) {
  const print_room room;
  const auto spool = room.open();
  BOOST_TEST(spool->name() == "spool");
  BOOST_REQUIRE(spool->submit(example_ticket(), pdf).has_value());
  BOOST_TEST(room.names() == whole_letter, boost::test_tools::per_element());
  BOOST_TEST(read_file(room.in(letter + ".pdf")) == pdf, boost::test_tools::per_element());
  const domain::bytes text = read_file(room.in(letter + ".json"));
  const auto json = boost::json::parse(std::string(text.begin(), text.end())).as_object();
  BOOST_TEST(json.at("letter_id").as_string() == letter);
  BOOST_TEST(json.at("pdf_file").as_string() == letter + ".pdf");
  BOOST_TEST(json.at("recipient").as_array().size() == 3U);
  BOOST_TEST(json.at("paper").as_object().at("grammage_g_per_m2").as_int64() == 80);
}

BOOST_AUTO_TEST_CASE(files_appear_whole_and_the_ticket_last) {
  const print_room room;
  const auto spool = room.open();
  const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  BOOST_REQUIRE(::inotify_add_watch(watch, room.spool().c_str(), IN_CREATE | IN_MOVED_TO | IN_MODIFY) >= 0);
  BOOST_REQUIRE(spool->submit(example_ticket(), domain::bytes(1'000'000, 'x')).has_value());
  alignas(inotify_event) std::array<char, 65536> buffer{};
  const ssize_t length = ::read(watch, buffer.data(), buffer.size());
  ::close(watch);
  BOOST_REQUIRE(length > 0);
  std::vector<std::string> visible;
  for (ssize_t at = 0; at < length;) {
    const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
    if (event->name[0] != '.') {
      BOOST_TEST((event->mask & IN_MOVED_TO) != 0U);
      visible.emplace_back(event->name);
    }
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
  }
  const std::vector<std::string> expected{letter + ".pdf", letter + ".json"};
  BOOST_TEST(visible == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nobody_else_may_read_it, *boost::unit_test::label("R13")) {
  const print_room room;
  fs::create_directory(room.spool());
  fs::permissions(room.spool(), fs::perms::all);
  const auto spool = room.open();
  BOOST_REQUIRE(spool->submit(example_ticket(), pdf).has_value());
  BOOST_TEST(mode_of(room.spool()) == 0700U);
  BOOST_TEST(mode_of(room.in("done")) == 0700U);
  for (const std::string& name : whole_letter) BOOST_TEST(mode_of(room.in(name)) == 0600U);
}

BOOST_AUTO_TEST_CASE(what_is_written_is_sealed_when_asked, *boost::unit_test::label("R13")) {
  const print_room room;
  const auto seal = [](std::span<const std::uint8_t> plain) {
    domain::bytes sealed(plain.begin(), plain.end());
    for (std::uint8_t& byte : sealed) byte ^= 0x55U;
    return sealed;
  };
  auto options = room.options();
  options.transform = seal;
  const auto spool = open_spool(std::move(options)).value();
  BOOST_REQUIRE(spool->submit(example_ticket(), pdf).has_value());
  BOOST_TEST(read_file(room.in(letter + ".pdf")) == seal(pdf), boost::test_tools::per_element());
  BOOST_TEST(!holds(read_file(room.in(letter + ".json")), "Beispiel"));
}

BOOST_AUTO_TEST_CASE(handing_over_again_changes_nothing) {
  const print_room room;
  const auto spool = room.open();
  BOOST_REQUIRE(spool->submit(example_ticket(), pdf).has_value());
  BOOST_REQUIRE(spool->submit(example_ticket(), to_bytes("another")).has_value());
  BOOST_TEST(read_file(room.in(letter + ".pdf")) == pdf, boost::test_tools::per_element());
  BOOST_TEST(room.names() == whole_letter, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(handing_over_again_while_or_after_the_print_room_moves_it_does_not_duplicate) {
  const std::vector<std::vector<std::string>> moves{
      {letter + ".pdf"}, {letter + ".json"}, {letter + ".pdf", letter + ".json"}};
  for (const auto& moved : moves) {
    const print_room room;
    BOOST_REQUIRE(room.open()->submit(example_ticket(), pdf).has_value());
    for (const std::string& name : moved) room.move_to_done(name);
    const auto before = room.names();
    const auto spool = room.open();
    BOOST_REQUIRE(spool->submit(example_ticket(), pdf).has_value());
    BOOST_TEST(room.names() == before, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(death_at_any_step_of_a_hand_over_is_mended_by_repeating_it) {
  const std::string pdf_part = "." + letter + ".pdf.part";
  const std::string ticket_part = "." + letter + ".json.part";
  const std::vector<std::vector<std::string>> states{{}, {pdf_part}, {letter + ".pdf"}, {letter + ".pdf", ticket_part}};
  for (const bool restarted : {true, false}) {
    for (const auto& state : states) {
      const print_room room;
      auto spool = room.open();
      for (const std::string& name : state) room.put(name, "%P");
      if (restarted) spool = room.open();
      BOOST_REQUIRE(spool->submit(example_ticket(), pdf).has_value());
      BOOST_TEST(room.names() == whole_letter, boost::test_tools::per_element());
      BOOST_TEST(read_file(room.in(letter + ".pdf")) == pdf, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(opening_removes_what_was_cut_off_and_leaves_foreign_files_alone) {
  const print_room room;
  (void)room.open();
  const std::vector<std::string> foreign{".keep", ".foo.part", "notes.txt", "ltr_x.pdf", "..pdf.part", ".x.json.part"};
  for (const std::string& name : foreign) room.put(name, "x");
  room.put("." + letter + ".pdf.part", "x");
  room.put("." + letter + ".json.part", "x");
  (void)room.open();
  BOOST_TEST(room.names() == std::set<std::string>(foreign.begin(), foreign.end()), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(letter_is_sent_when_both_files_are_done) {
  const print_room room;
  const auto spool = room.open();
  BOOST_REQUIRE(spool->submit(example_ticket(), pdf).has_value());
  BOOST_TEST(sent(*spool).empty());
  room.move_to_done(letter + ".pdf");
  BOOST_TEST(sent(*spool).empty());
  room.move_to_done(letter + ".json");
  BOOST_TEST(sent(*spool) == std::vector{letter}, boost::test_tools::per_element());
  // Again until it is on record, also after a restart.
  BOOST_TEST(sent(*spool) == std::vector{letter}, boost::test_tools::per_element());
  BOOST_TEST(sent(*room.open()) == std::vector{letter}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(settled_letter_is_forgotten_and_no_other) {
  const print_room room;
  const auto spool = room.open();
  for (const std::string& id : {letter, other_letter}) {
    BOOST_REQUIRE(spool->submit(example_ticket(id), pdf).has_value());
    room.move_to_done(id + ".pdf");
    room.move_to_done(id + ".json");
  }
  BOOST_REQUIRE(spool->settle(letter).has_value());
  BOOST_TEST(sent(*spool) == std::vector{other_letter}, boost::test_tools::per_element());
  BOOST_TEST(room.names("done").size() == 2U);
  BOOST_TEST(spool->settle(letter).has_value());
}

// As by a node that was put back to an older copy of its records.
BOOST_AUTO_TEST_CASE(settled_letter_handed_over_again_is_not_printed_again_and_is_reported_as_sent) {
  const print_room room;
  auto spool = room.open();
  BOOST_REQUIRE(spool->submit(example_ticket(), pdf).has_value());
  room.move_to_done(letter + ".pdf");
  room.move_to_done(letter + ".json");
  BOOST_REQUIRE(spool->settle(letter).has_value());
  for (const bool restarted : {false, true}) {
    if (restarted) spool = room.open();
    BOOST_TEST(spool->submit(example_ticket(), pdf).has_value());
    BOOST_TEST(room.names().empty());
    BOOST_TEST(sent(*spool) == std::vector{letter}, boost::test_tools::per_element());
    BOOST_REQUIRE(spool->settle(letter).has_value());
    BOOST_TEST(sent(*spool).empty());
  }
}

BOOST_AUTO_TEST_CASE(what_was_settled_in_an_earlier_life_is_known_and_not_told_unasked) {
  const print_room room;
  auto spool = room.open();
  BOOST_TEST(!spool->has_settled(letter).value());
  BOOST_REQUIRE(spool->submit(example_ticket(), pdf).has_value());
  BOOST_TEST(!spool->has_settled(letter).value());
  BOOST_REQUIRE(spool->settle(letter).has_value());
  spool = room.open();
  BOOST_TEST(spool->has_settled(letter).value());
  BOOST_TEST(!spool->has_settled(other_letter).value());
  BOOST_TEST(sent(*spool).empty());
}

BOOST_AUTO_TEST_CASE(G3_mark_of_a_letter_goes_so_long_after_it_was_settled_however_old_the_letter_was) {
  print_room room;
  room.now = letter_made + std::chrono::days(100);
  BOOST_REQUIRE(room.open()->settle(letter).has_value());
  const auto forget_at = [&](domain::time_point now) {
    auto spool = room.open();
    BOOST_TEST(spool->forget_settled(now).has_value());
    return !spool->has_settled(letter).value();
  };
  BOOST_TEST(!forget_at(room.now + spool_memory - std::chrono::hours(1)));
  BOOST_TEST(forget_at(room.now + spool_memory + std::chrono::days(13)));
  BOOST_TEST(room.names("sent").empty());
}

BOOST_AUTO_TEST_CASE(G3_no_clock_that_is_behind_makes_a_mark_older_than_its_letter_or_lets_one_go) {
  print_room room;
  const domain::time_point dead_battery{std::chrono::hours(1)};
  room.now = dead_battery;
  const auto spool = room.open();
  BOOST_REQUIRE(spool->settle(letter).has_value());
  BOOST_TEST(spool->forget_settled(dead_battery).has_value());
  BOOST_TEST(room.open()->forget_settled(letter_made + spool_memory - std::chrono::hours(1)).has_value());
  BOOST_TEST(spool->has_settled(letter).value());
}

BOOST_AUTO_TEST_CASE(many_old_marks_go_a_bounded_number_at_a_time) {
  print_room room;
  const auto spool = room.open();
  for (std::uint8_t i = 0; i < 250; ++i)
    for (std::uint8_t j = 0; j < 5; ++j)
      BOOST_REQUIRE(spool->settle(domain::letter_id::make(letter_made, {i, j}).str()).has_value());
  const auto later = room.now + spool_memory + std::chrono::days(13);
  BOOST_TEST(spool->forget_settled(later).has_value());
  BOOST_TEST(room.names("sent").size() == 1U);
  BOOST_TEST(spool->forget_settled(later).has_value());
  BOOST_TEST(room.names("sent").empty());
}

BOOST_AUTO_TEST_CASE(settling_that_was_cut_off_leaves_nothing_behind) {
  const print_room room;
  (void)room.open();
  room.put("done/" + letter + ".json", "{}");
  const auto spool = room.open();
  BOOST_TEST(room.names("done").empty());
}

BOOST_AUTO_TEST_CASE(ticket_moved_before_its_pdf_survives_a_restart) {
  const print_room room;
  BOOST_REQUIRE(room.open()->submit(example_ticket(), pdf).has_value());
  room.move_to_done(letter + ".json");
  const auto spool = room.open();
  room.move_to_done(letter + ".pdf");
  BOOST_TEST(sent(*spool) == std::vector{letter}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(foreign_files_in_done_are_no_letters) {
  const print_room room;
  const auto spool = room.open();
  for (const char* name : {"done/x.pdf", "done/x.json", "done/ltr_.pdf", "done/ltr_.json"}) room.put(name, "x");
  BOOST_TEST(sent(*spool).empty());
  BOOST_TEST(room.names("done").size() == 4U);
}

BOOST_AUTO_TEST_CASE(identifiers_that_are_none_touch_nothing) {
  const print_room room;
  const auto spool = room.open();
  for (const std::string& id : {std::string("../evil"), std::string(), letter + "/x"}) {
    const auto done = spool->submit(example_ticket(id), pdf);
    BOOST_REQUIRE(!done.has_value());
    BOOST_TEST((done.error().code == error_code::invalid));
    BOOST_TEST(!spool->settle(id).has_value());
  }
  BOOST_TEST(room.names().empty());
}

BOOST_AUTO_TEST_CASE(link_in_the_place_of_the_folder_is_refused) {
  const print_room room;
  fs::create_directory(room.folder.in("elsewhere"));
  fs::create_symlink(room.folder.in("elsewhere"), room.spool());
  BOOST_TEST(!open_spool(room.options()).has_value());
}

// On a file system of a hundred kilobytes.
BOOST_AUTO_TEST_CASE(full_disk_is_storage_full_and_the_letter_can_be_handed_over_later,
                     *boost::unit_test::precondition(can_mount)) {
  const print_room room;
  fs::create_directory(room.spool());
  const int status = status_of_child([&] {
    if (!mount_small_disk(room.spool())) return 1;
    const auto spool = room.open();
    const auto full = spool->submit(example_ticket(), domain::bytes(500'000, 'x'));
    if (full || full.error().code != error_code::storage_full) return 2;
    if (!room.names().empty()) return 3;
    return spool->submit(example_ticket(), pdf) && room.names() == whole_letter ? 0 : 4;
  });
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::postal::testing
