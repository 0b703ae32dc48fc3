// The worker as its users see it: a job that goes wrong is a job that failed, and the next one works.

#include "postal/worker.hpp"

#include "tests/postal/support.hpp"

#include <csignal>
#include <cstdlib>
#include <iterator>
#include <sstream>
#include <unistd.h>

namespace elsec::postal::testing {
namespace {

using domain::error_code;
using spans = std::vector<std::span<const std::uint8_t>>;

constexpr const char* worker_program = ELSEC_TEST_WORKER;

// See postal/sandbox.cpp: under the address sanitizer memory cannot be limited.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool memory_is_limited = false;
#else
constexpr bool memory_is_limited = true;
#endif

// This process's children, as the kernel lists them.
std::vector<pid_t> children() {
  const std::string self = std::to_string(::getpid());
  std::ifstream list("/proc/" + self + "/task/" + self + "/children");
  return {std::istream_iterator<pid_t>(list), {}};
}

std::size_t open_files() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

bool has(const std::vector<finding>& list, const std::string& code) {
  return std::any_of(list.begin(), list.end(), [&](const finding& f) { return f.code == code; });
}

// The pages' content is one stream of 8 MiB, named a hundred times: a few kilobytes that expand to 800 MiB.
domain::bytes bomb() {
  raw_pdf pdf;
  const int root = pdf.add("<< /Type /Catalog /Pages 2 0 R >>");
  std::string contents;
  for (int i = 0; i < 100; ++i) contents += "4 0 R ";
  pdf.add("<< /Type /Pages /Count 1 /Kids [3 0 R] >>");
  pdf.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [" + contents + "] >>");
  pdf.add_stream("/Filter /FlateDecode", deflated(std::string(std::size_t{8} << 20U, ' ')));
  return pdf.finish(root);
}

// So many streams without an end that nobody lives to find where each of them stops.
domain::bytes endless() {
  std::string open = "<< /Length 5 >>\nstream\n";
  for (int i = 0; i < 10; ++i) open += "end ";
  return make_pdf({page_with_bar(300, 300)}, "", std::vector<std::string>(40'000, open));
}

void check_works(pdf_worker& worker) {
  const domain::bytes pdf = simple_pdf(2);
  const auto seen = worker.inspect(pdf, "application/pdf");
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST(seen->pages == 2U);
  BOOST_TEST(seen->quarantine.empty());
  BOOST_TEST(seen->unprintable.empty());
}

boost::test_tools::assertion_result may_look_into_processes(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result may(::geteuid() == 0);
  may.message() << "only root may look into a process that cannot be dumped";
  return may;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(worker)

BOOST_AUTO_TEST_CASE(inspects_a_file) {
  pdf_worker worker(worker_program, {});
  check_works(worker);
  const domain::bytes script = make_pdf({page_with_bar(9, 9)}, "/OpenAction << /S /JavaScript /JS (secret) >>");
  const auto seen = worker.inspect(script, "image/png");
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST(seen->detected_type == "application/pdf");
  BOOST_TEST(has(seen->quarantine, "active_content"));
  BOOST_TEST(has(seen->quarantine, "type_mismatch"));
  for (const finding& f : seen->quarantine) BOOST_TEST(f.detail.find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(inspects_an_empty_file) {
  pdf_worker worker(worker_program, {});
  const auto seen = worker.inspect({}, "application/pdf");
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST(has(seen->unprintable, "not_a_pdf"));
}

BOOST_AUTO_TEST_CASE(composes_a_letter, *boost::unit_test::label("R7")) {
  pdf_worker worker(worker_program, {});
  const domain::bytes first = simple_pdf(2);
  const domain::bytes second = make_pdf({page_with_bar(841.89, 595.276)});
  const auto letter = worker.compose(example_cover(), {first, second});
  BOOST_REQUIRE(letter.has_value());
  BOOST_TEST(letter->pages == 4U);
  BOOST_TEST(print(letter->pdf, 30).size() == 4U);
  bool addressed = false;
  for (const word& w : words_of(letter->pdf)) addressed |= w.text == "Musterhausen";
  BOOST_TEST(addressed);
  const auto again = worker.compose(example_cover(), {first, second});
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST((again->pdf == letter->pdf));
}

BOOST_AUTO_TEST_CASE(letter_with_the_most_words_and_every_script_of_the_font_is_drawn) {
  cover words = example_cover();
  words.recipient_lines = {"Ελληνικά Привет", "Ł ő ş Ñ", "Nguyễn Ḃ", std::string(24, 'W'), "Ringweg 7", "Ort"};
  words.subject = std::string(300, 'x');
  words.notes = std::vector<std::string>(40, std::string(300, 'n'));
  pdf_worker worker(worker_program, {});
  const domain::bytes document = simple_pdf();
  const auto letter = worker.compose(words, {document});
  BOOST_TEST(letter.has_value());
}

BOOST_AUTO_TEST_CASE(refusal_names_the_document_and_the_reason) {
  pdf_worker worker(worker_program, {});
  const domain::bytes good = simple_pdf();
  const domain::bytes bad = to_bytes("%PDF-1.7 nothing");
  const auto two = worker.compose(example_cover(), {good, bad});
  BOOST_REQUIRE(!two.has_value());
  BOOST_TEST((two.error().code == error_code::invalid));
  BOOST_TEST(two.error().detail == "Document 2: The file could not be read; it is damaged or too complex.");
  const auto none = worker.compose(example_cover(), {});
  BOOST_REQUIRE(!none.has_value());
  BOOST_TEST((none.error().code == error_code::invalid));
  const auto many = worker.compose(example_cover(), spans(94, good));
  BOOST_REQUIRE(!many.has_value());
  BOOST_TEST(many.error().detail == "The letter would have more than 94 pages, cover page included.");
  cover foreign = example_cover();
  foreign.recipient_lines[0] = "王秀英";
  const auto unaddressed = worker.compose(foreign, {good});
  BOOST_REQUIRE(!unaddressed.has_value());
  BOOST_TEST(unaddressed.error().detail == "The address contains characters that cannot be printed.");
  cover endless = example_cover();
  endless.recipient_lines[0] = std::string(300, 'W');
  const auto too_long = worker.compose(endless, {good});
  BOOST_REQUIRE(!too_long.has_value());
  BOOST_TEST(too_long.error().detail == "The address does not fit into the window in a legible size; shorten it.");
}

BOOST_AUTO_TEST_CASE(file_that_expands_without_measure_is_refused_and_the_next_job_works) {
  pdf_worker worker(worker_program, {.memory_bytes = 256ULL << 20U});
  const domain::bytes file = bomb();
  BOOST_TEST(file.size() < 20'000U);
  const auto letter = worker.compose(example_cover(), {file});
  if (memory_is_limited) {
    BOOST_REQUIRE(!letter.has_value());
    BOOST_TEST((letter.error().code == error_code::invalid));
  }
  check_works(worker);
}

BOOST_AUTO_TEST_CASE(job_over_its_cpu_time_is_a_finding_and_the_next_job_works) {
  pdf_worker worker(worker_program, {.cpu = std::chrono::seconds(1)});
  const auto seen = worker.inspect(endless(), "application/pdf");
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST(has(seen->quarantine, "unreadable"));
  BOOST_TEST(has(seen->unprintable, "unreadable"));
  check_works(worker);
}

BOOST_AUTO_TEST_CASE(job_over_its_wall_time_times_out_and_the_next_job_works) {
  pdf_worker worker(worker_program, {.wall = std::chrono::seconds(1)});
  const auto seen = worker.inspect(endless(), "application/pdf");
  BOOST_REQUIRE(!seen.has_value());
  BOOST_TEST((seen.error().code == error_code::timed_out));
  check_works(worker);
}

BOOST_AUTO_TEST_CASE(letter_beyond_the_output_limit_is_refused) {
  pdf_worker worker(worker_program, {.output_bytes = 2000});
  const domain::bytes document = simple_pdf();
  const auto letter = worker.compose(example_cover(), {document});
  BOOST_REQUIRE(!letter.has_value());
  BOOST_TEST(letter.error().detail == "The composed letter would be too large.");
}

BOOST_AUTO_TEST_CASE(child_that_died_is_started_again) {
  pdf_worker worker(worker_program, {});
  check_works(worker);
  const auto first = children();
  BOOST_REQUIRE_EQUAL(first.size(), 1U);
  ::kill(first[0], SIGKILL);
  check_works(worker);
  const auto second = children();
  BOOST_REQUIRE_EQUAL(second.size(), 1U);
  BOOST_TEST(second[0] != first[0]);
}

BOOST_AUTO_TEST_CASE(one_child_serves_all_jobs_and_nothing_is_left_behind) {
  const std::size_t files_before = open_files();
  {
    pdf_worker worker(worker_program, {});
    BOOST_TEST(children().empty());
    check_works(worker);
    const std::size_t files_after_one = open_files();
    const auto child = children();
    for (int i = 0; i < 20; ++i) check_works(worker);
    BOOST_TEST(children() == child, boost::test_tools::per_element());
    BOOST_TEST(open_files() == files_after_one);
  }
  BOOST_TEST(children().empty());
  BOOST_TEST(open_files() == files_before);
}

BOOST_AUTO_TEST_CASE(child_inherits_neither_files_nor_environment,
                     *boost::unit_test::precondition(may_look_into_processes)) {
  const temp_folder folder;
  const std::ofstream open_here(folder.in("secret"));
  ::setenv("ELSEC_TEST_SECRET", "secret", 1);
  pdf_worker worker(worker_program, {});
  check_works(worker);
  ::unsetenv("ELSEC_TEST_SECRET");
  const std::string child = "/proc/" + std::to_string(children().at(0));
  BOOST_TEST(to_bytes(std::string("LANG=C.UTF-8") + '\0') == read_file(child + "/environ"),
             boost::test_tools::per_element());
  for (const auto& entry : std::filesystem::directory_iterator(child + "/fd")) {
    const std::string target = std::filesystem::read_symlink(entry.path()).string();
    BOOST_TEST((target == "/dev/null" || target.starts_with("socket:")), target);
  }
}

BOOST_AUTO_TEST_CASE(program_that_cannot_be_started_or_is_no_worker_is_an_error) {
  for (const char* program : {"/nonexistent/elsecd", "/bin/true"}) {
    pdf_worker worker(program, {});
    const auto seen = worker.inspect(simple_pdf(), "application/pdf");
    BOOST_REQUIRE(!seen.has_value());
    BOOST_TEST((seen.error().code == error_code::internal));
  }
}

BOOST_AUTO_TEST_CASE(jobs_are_cheap) {
  using clock = std::chrono::steady_clock;
  constexpr int jobs = 50;
  pdf_worker worker(worker_program, {});
  check_works(worker);
  const domain::bytes document = simple_pdf(2);
  const auto start = clock::now();
  for (int i = 0; i < jobs; ++i) BOOST_REQUIRE(worker.inspect(document, "application/pdf").has_value());
  const auto middle = clock::now();
  for (int i = 0; i < jobs; ++i) BOOST_REQUIRE(worker.compose(example_cover(), {document}).has_value());
  const auto per_job = [](auto span) { return std::chrono::duration<double, std::milli>(span).count() / jobs; };
  BOOST_TEST_MESSAGE("inspect: " << per_job(middle - start) << " ms, compose: " << per_job(clock::now() - middle)
                                 << " ms");
  // Far above what it takes, far below starting a program and loading its databases each time.
  BOOST_TEST(per_job(middle - start) < 100);
  BOOST_TEST(per_job(clock::now() - middle) < 200);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::postal::testing
