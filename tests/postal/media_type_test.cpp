#include "postal/media_type.hpp"

#include "tests/postal/support.hpp"

namespace elsec::postal::testing {

BOOST_AUTO_TEST_SUITE(media_types)

BOOST_AUTO_TEST_CASE(vague_and_equivalent_claims_agree) {
  BOOST_TEST(agrees("application/octet-stream", "application/pdf"));
  BOOST_TEST(agrees("", "image/png"));
  BOOST_TEST(agrees("Application/PDF; charset=binary", "application/pdf"));
  BOOST_TEST(agrees("image/jpg", "image/jpeg"));
  BOOST_TEST(agrees("text/csv", "text/plain"));
  BOOST_TEST(agrees("text/plain", "application/csv"));
  BOOST_TEST(agrees("application/fhir+json", "application/json"));
  BOOST_TEST(agrees("application/xml", "text/xml"));
  BOOST_TEST(agrees("text/plain", "application/x-empty"));
  BOOST_TEST(agrees("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip"));
  BOOST_TEST(agrees("application/zip", "application/vnd.oasis.opendocument.text"));
  BOOST_TEST(agrees("application/msword", "application/x-ole-storage"));
  BOOST_TEST(agrees("application/x-vendor-format", "application/octet-stream"));
}

BOOST_AUTO_TEST_CASE(misleading_claims_do_not_agree) {
  BOOST_TEST(!agrees("application/pdf", "application/zip"));
  BOOST_TEST(!agrees("application/pdf", "application/octet-stream"));
  BOOST_TEST(!agrees("application/pdf", "application/x-empty"));
  BOOST_TEST(!agrees("image/png", "image/jpeg"));
  BOOST_TEST(!agrees("application/msword", "application/zip"));
  BOOST_TEST(!agrees("application/x-vendor-format", "application/pdf"));
  BOOST_TEST(!agrees("text/plain", "text/html"));
  BOOST_TEST(!agrees("text/plain", "text/x-shellscript"));
  BOOST_TEST(!agrees("text/plain", "application/x-dosexec"));
}

BOOST_AUTO_TEST_CASE(names_that_a_computer_would_run_are_known) {
  BOOST_TEST(is_executable_name("rechnung.pdf.exe"));
  BOOST_TEST(is_executable_name("A.JS"));
  BOOST_TEST(is_executable_name("x.exe. . "));
  BOOST_TEST(is_executable_name("x.exe\u00A0"));
  BOOST_TEST(is_executable_name("x\uFF0Eexe.\u200B"));
  BOOST_TEST(!is_executable_name("rechnung.pdf"));
  BOOST_TEST(!is_executable_name("exe"));
  BOOST_TEST(!is_executable_name("befund.sh;2"));  // found by fuzzing: a name has no parameters
  BOOST_TEST(!is_executable_name(""));
}

BOOST_AUTO_TEST_CASE(content_decides_about_the_type) {
  const type_detector detector = type_detector::open().value();
  BOOST_TEST(detector.detect(simple_pdf()) == "application/pdf");
  BOOST_TEST(detector.detect({}) == "application/x-empty");
  BOOST_TEST(detector.detect(to_bytes("Guten Tag, anbei die Befunde.\n")) == "text/plain");
  BOOST_TEST(detector.detect(to_bytes("#!/bin/sh\nrm -rf /\n")) == "text/x-shellscript");
  BOOST_TEST(detector.detect(to_bytes(std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x8\2\0\0\0", 29))) ==
             "image/png");
  BOOST_TEST(is_executable_type(detector.detect(read_file("/bin/true"))));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::postal::testing
