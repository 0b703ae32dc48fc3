// Requirement R10: what must not pass is found. In the test's own process, so that the sanitizers see the parsers.

#include "postal/inspect.hpp"

#include "tests/postal/support.hpp"

#include <random>

namespace elsec::postal::testing {
namespace {

const type_detector& detector() {
  static const type_detector opened = type_detector::open().value();
  return opened;
}

file_report inspected(std::span<const std::uint8_t> file, const std::string& claimed = "application/pdf") {
  return inspect_file(file, claimed, detector());
}

findings quarantine_of(const std::string& catalog, const std::vector<std::string>& objects = {},
                       const std::string& page_entries = "") {
  return inspected(make_pdf({page_with_bar(300, 300, page_entries)}, catalog, objects)).quarantine;
}

bool has(const findings& list, finding_code code) { return std::find(list.begin(), list.end(), code) != list.end(); }

std::string stream(const std::string& entries, const std::string& data) {
  return "<< " + entries + " /Length " + std::to_string(data.size()) + " >>\nstream\n" + data + "\nendstream";
}

findings with_attachment(const std::string& name, const std::string& content) {
  return quarantine_of(
      "/Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec /UF (" + name + ") /EF << /F 3 0 R >> >>] >> >>",
      {stream("/Type /EmbeddedFile /Filter /FlateDecode", deflated(content))});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inspect_files, *boost::unit_test::label("R10"))

BOOST_AUTO_TEST_CASE(ordinary_pdf_has_no_findings) {
  const file_report report = inspected(simple_pdf(3));
  BOOST_TEST(report.detected_type == "application/pdf");
  BOOST_TEST(report.pages == 3U);
  BOOST_TEST(report.quarantine.empty());
  BOOST_TEST(report.unprintable.empty());
}

BOOST_AUTO_TEST_CASE(scripts_are_found_wherever_they_are) {
  const std::string script = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>";
  BOOST_TEST(has(quarantine_of("/OpenAction " + script), finding_code::active_content));
  BOOST_TEST(
      has(quarantine_of("/Names << /JavaScript << /Names [(a) 3 0 R] >> >>", {script}), finding_code::active_content));
  BOOST_TEST(has(quarantine_of("", {}, "/AA << /O " + script + " >>"), finding_code::active_content));
  BOOST_TEST(
      has(quarantine_of("", {}, "/Annots [<< /Type /Annot /Subtype /Link /A << /S /GoTo /Next [" + script + "] >> >>]"),
          finding_code::active_content));
  // Not even reachable from the catalog, and the name written with escapes.
  BOOST_TEST(has(quarantine_of("", {script}), finding_code::active_content));
  BOOST_TEST(has(quarantine_of("", {"<< /S /J#61vaScript /#4a#53 3 0 R >>"}), finding_code::active_content));
}

BOOST_AUTO_TEST_CASE(scripts_inside_object_streams_are_found) {
  raw_pdf pdf;
  const int root = pdf.add("<< /Type /Catalog /Pages 2 0 R >>");
  pdf.add("<< /Type /Pages /Count 1 /Kids [3 0 R] >>");
  pdf.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /AA << /O << /S /JavaScript /JS (x) >> >> >>");
  const temp_folder folder;
  write_file(folder.in("plain.pdf"), pdf.finish(root));
  (void)output_of("qpdf --object-streams=generate " + folder.in("plain.pdf") + " " + folder.in("packed.pdf"));
  const domain::bytes packed = read_file(folder.in("packed.pdf"));
  BOOST_TEST(!holds(packed, "JavaScript"));
  BOOST_TEST(has(inspected(packed).quarantine, finding_code::active_content));
}

BOOST_AUTO_TEST_CASE(scripts_of_xfa_forms_are_found) {
  const std::string with = "<template><script contentType='application/x-javascript'>x</script></template>";
  const auto form = [&](const std::string& xml) {
    return quarantine_of("/AcroForm << /Fields [] /XFA [(template) 3 0 R] >>",
                         {stream("/Filter /FlateDecode", deflated(xml))});
  };
  BOOST_TEST(has(form(with), finding_code::active_content));
  BOOST_TEST(form("<template><field/></template>").empty());
}

// What is unpacked has a bound for the whole file, and what is referred to twice counts once.
BOOST_AUTO_TEST_CASE(R19_forms_that_unpack_to_more_than_can_be_looked_at_are_refused) {
  const std::string blank(std::size_t{3} << 20U, ' ');
  const std::vector<std::string> packets(14, stream("/Filter /FlateDecode", deflated(blank)));
  std::string each, same;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    each += "(x) " + std::to_string(3 + i) + " 0 R ";
    same += "(x) 3 0 R ";
  }
  BOOST_TEST(has(quarantine_of("/AcroForm << /Fields [] /XFA [" + each + "] >>", packets), finding_code::unreadable));
  BOOST_TEST(quarantine_of("/AcroForm << /Fields [] /XFA [" + same + "] >>", packets).empty());
}

BOOST_AUTO_TEST_CASE(actions_that_start_programs_or_send_data_are_found) {
  BOOST_TEST(has(quarantine_of("/OpenAction << /S /Launch /F (cmd.exe) >>"), finding_code::launch_action));
  BOOST_TEST(has(quarantine_of("/OpenAction << /S /SubmitForm /F (http://x) >>"), finding_code::active_content));
}

BOOST_AUTO_TEST_CASE(actions_that_only_turn_pages_are_fine) {
  BOOST_TEST(quarantine_of("/OpenAction << /S /GoTo /D [3 0 R /Fit] >>").empty());
  BOOST_TEST(
      quarantine_of("", {}, "/Annots [<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://x) >> >>]").empty());
}

BOOST_AUTO_TEST_CASE(media_players_are_found) {
  BOOST_TEST(has(quarantine_of("", {}, "/Annots [<< /Type /Annot /Subtype /RichMedia >>]"), finding_code::rich_media));
}

BOOST_AUTO_TEST_CASE(attached_programs_are_found_by_name_or_by_content) {
  BOOST_TEST(has(with_attachment("rechnung.pdf.exe", "harmless"), finding_code::embedded_executable));
  BOOST_TEST(has(with_attachment("rechnung.xml", "#!/bin/sh\nrm -rf /\n"), finding_code::embedded_executable));
  const domain::bytes program = read_file("/bin/true");
  BOOST_TEST(
      has(with_attachment("a.txt", std::string(program.begin(), program.end())), finding_code::embedded_executable));
}

BOOST_AUTO_TEST_CASE(attached_data_as_in_electronic_invoices_is_fine) {
  BOOST_TEST(with_attachment("factur-x.xml", "<?xml version='1.0'?><Invoice/>").empty());
}

BOOST_AUTO_TEST_CASE(R10_a_pdf_that_needs_a_password_is_quarantined) {
  const file_report locked = inspected(locked_pdf(simple_pdf(), "secret"));
  BOOST_TEST(locked.quarantine == findings{finding_code::encrypted}, boost::test_tools::per_element());
  BOOST_TEST(locked.unprintable == findings{finding_code::encrypted}, boost::test_tools::per_element());
}

// Clinical systems and scanners set an owner's password by default, often with printing forbidden.
BOOST_AUTO_TEST_CASE(R10_a_pdf_that_opens_without_a_password_passes_whatever_its_owner_forbids) {
  for (const auto* forbidden : {"", "--print=none --modify=none --extract=n"}) {
    const file_report open = inspected(locked_pdf(simple_pdf(), "", forbidden));
    BOOST_TEST(open.quarantine.empty(), forbidden);
    BOOST_TEST(open.unprintable.empty(), forbidden);
    BOOST_TEST(open.pages == 1U, forbidden);
  }
}

BOOST_AUTO_TEST_CASE(R10_scripts_behind_an_owners_password_are_found) {
  const auto script = make_pdf({page_with_bar(300, 300)}, "/OpenAction << /S /JavaScript /JS (x) >>");
  BOOST_TEST(has(inspected(locked_pdf(script, "")).quarantine, finding_code::active_content));
}

BOOST_AUTO_TEST_CASE(damaged_pdf_cannot_be_printed) {
  const domain::bytes whole = simple_pdf(3);
  const file_report report = inspected(std::span(whole).first(whole.size() - 10));
  BOOST_TEST(has(report.unprintable, finding_code::damaged));
}

BOOST_AUTO_TEST_CASE(pdf_beyond_reading_is_let_through_but_unprintable) {
  const domain::bytes file = to_bytes("%PDF-1.7\nnothing else");
  const file_report report = inspected(file);
  BOOST_TEST(report.quarantine.empty());
  BOOST_TEST(has(report.unprintable, finding_code::unreadable));
}

BOOST_AUTO_TEST_CASE(pdf_without_pages_or_with_too_many_is_unprintable_and_else_fine) {
  const file_report none = inspected(make_pdf({}));
  BOOST_TEST(has(none.unprintable, finding_code::no_pages));
  BOOST_TEST(none.quarantine.empty());
  const file_report many = inspected(simple_pdf(94));
  BOOST_TEST(many.unprintable == findings{finding_code::too_many_pages}, boost::test_tools::per_element());
  BOOST_TEST(inspected(simple_pdf(93)).unprintable.empty());
}

BOOST_AUTO_TEST_CASE(dynamic_form_is_unprintable) {
  BOOST_TEST(has(inspected(make_pdf({page_with_bar(300, 300)}, "/NeedsRendering true")).unprintable,
                 finding_code::dynamic_form));
}

BOOST_AUTO_TEST_CASE(dynamic_form_that_says_so_in_its_configuration_only_is_unprintable) {
  const auto form = [](const std::string& render) {
    const std::string xml = "<config><acrobat7><dynamicRender>" + render + "</dynamicRender></acrobat7></config>";
    return inspected(make_pdf({page_with_bar(300, 300)}, "/AcroForm << /Fields [] /XFA [(config) 3 0 R] >>",
                              {stream("/Filter /FlateDecode", deflated(xml))}));
  };
  BOOST_TEST(form("required").unprintable == findings{finding_code::dynamic_form}, boost::test_tools::per_element());
  BOOST_TEST(form("forbidden").unprintable.empty());
}

BOOST_AUTO_TEST_CASE(other_files_are_unprintable_and_else_fine) {
  const file_report text = inspected(to_bytes("Befund: unauffällig\n"), "text/plain");
  BOOST_TEST(text.quarantine.empty());
  BOOST_TEST(text.unprintable == findings{finding_code::not_a_pdf}, boost::test_tools::per_element());
  const file_report empty = inspected({}, "text/plain");
  BOOST_TEST(empty.quarantine.empty());
  BOOST_TEST(empty.unprintable == findings{finding_code::not_a_pdf}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R10_a_pdf_behind_other_bytes_is_a_pdf_whatever_it_was_called) {
  const domain::bytes whole = simple_pdf();
  const std::vector<std::string> fronts{"\r\n", "\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n",
                                        std::string(900, '\0'), std::string(1019, ' '), std::string(950, 'x') + "\n"};
  for (const auto& front : fronts) {
    domain::bytes file = to_bytes(front);
    file.insert(file.end(), whole.begin(), whole.end());
    for (const auto* claimed : {"application/pdf", "application/octet-stream", "application/x-pdf"}) {
      const file_report report = inspected(file, claimed);
      BOOST_TEST(report.detected_type == "application/pdf", front.size() << " " << claimed);
      BOOST_TEST(report.quarantine.empty());
      BOOST_TEST(report.unprintable.empty());
      BOOST_TEST(report.pages == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(R10_other_files_that_only_hold_a_header_are_no_pdf) {
  const std::string text = std::string(600, 'x') + "\n%PDF-1.7 is what a PDF begins with\n";
  BOOST_TEST(inspected(to_bytes(text), "text/plain").quarantine.empty());
  BOOST_TEST(inspected(to_bytes(text), "text/plain").detected_type == "text/plain");
  BOOST_TEST(has(inspected(to_bytes(text), "application/pdf").quarantine, finding_code::type_mismatch));
  const domain::bytes whole = simple_pdf();
  domain::bytes late = to_bytes(std::string(1100, '\0'));
  late.insert(late.end(), whole.begin(), whole.end());
  BOOST_TEST(has(inspected(late, "application/pdf").quarantine, finding_code::type_mismatch));
  BOOST_TEST(has(inspected(late, "application/octet-stream").unprintable, finding_code::not_a_pdf));
}

BOOST_AUTO_TEST_CASE(content_of_another_type_than_claimed_is_found) {
  BOOST_TEST(has(inspected(to_bytes("Guten Tag"), "application/pdf").quarantine, finding_code::type_mismatch));
  BOOST_TEST(has(inspected({}, "application/pdf").quarantine, finding_code::type_mismatch));
  BOOST_TEST(!has(inspected(simple_pdf(), "application/octet-stream").quarantine, finding_code::type_mismatch));
}

BOOST_AUTO_TEST_CASE(programs_and_web_pages_are_found) {
  BOOST_TEST(has(inspected(read_file("/bin/true"), "application/octet-stream").quarantine, finding_code::executable));
  BOOST_TEST(has(inspected(to_bytes("<!DOCTYPE html><html><body>x</body></html>"), "text/html").quarantine,
                 finding_code::executable));
}

BOOST_AUTO_TEST_CASE(office_documents_with_macros_are_found) {
  BOOST_TEST(has(inspected(to_bytes(std::string("PK\x03\x04") + std::string(26, '\0') + "word/vbaProject.bin"),
                           "application/octet-stream")
                     .quarantine,
                 finding_code::macros));
  const std::string entry("_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0", 24);
  BOOST_TEST(
      has(inspected(to_bytes("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(600, '\0') + entry), "application/msword")
              .quarantine,
          finding_code::macros));
}

BOOST_AUTO_TEST_CASE(file_that_is_a_pdf_besides_is_searched_as_one) {
  const domain::bytes pdf = make_pdf({page_with_bar(300, 300)}, "/OpenAction << /S /JavaScript /JS (x) >>");
  domain::bytes both = to_bytes("GIF89a" + std::string(100, ' ') + "\n");
  both.insert(both.end(), pdf.begin(), pdf.end());
  const file_report report = inspected(both, "image/gif");
  BOOST_TEST(has(report.quarantine, finding_code::active_content));
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_survived) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "[";
  BOOST_TEST(!inspected(make_pdf({page_with_bar(300, 300)}, "", {deep})).detected_type.empty());
  std::string dictionaries;
  for (int i = 0; i < 400; ++i) dictionaries += "<< /A ";
  dictionaries += "<< /JS (x) >>";
  for (int i = 0; i < 400; ++i) dictionaries += " >>";
  BOOST_TEST(has(quarantine_of("", {dictionaries}), finding_code::active_content));
}

BOOST_AUTO_TEST_CASE(damaged_bytes_never_crash_the_inspection) {
  std::mt19937 random(5);
  const domain::bytes whole =
      make_pdf({page_with_bar(300, 300), page_with_bar(595, 842)},
               "/OpenAction << /S /JavaScript /JS (x) >> /AcroForm << /Fields [] /XFA [(a) 3 0 R] >>",
               {stream("/Type /EmbeddedFile /Filter /FlateDecode", deflated("MZ"))});
  for (int round = 0; round < 300; ++round) {
    domain::bytes broken = whole;
    for (std::size_t i = 1 + random() % 6; i > 0; --i)
      broken[random() % broken.size()] = static_cast<std::uint8_t>(random());
    BOOST_TEST(!inspected(broken).detected_type.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::postal::testing
