#include "domain/document.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec::domain;

BOOST_AUTO_TEST_SUITE(documents)

BOOST_AUTO_TEST_CASE(R10_programs_scripts_and_web_pages_are_not_taken) {
  using namespace std::string_view_literals;
  for (const auto content : {"MZ\x90\x00"sv,
                             "\x7f"
                             "ELF"sv,
                             "#!/bin/sh"sv, "  <!DOCTYPE html>"sv, "\xEF\xBB\xBF<script>"sv})
    BOOST_TEST(refused_as_executable("application/pdf", "brief.pdf", content).has_value());
  BOOST_TEST(refused_as_executable("text/html", "a", "x").has_value());
  BOOST_TEST(refused_as_executable("Application/X-MSDownload; a=b", "a", "x").has_value());
  BOOST_TEST(refused_as_executable("application/octet-stream", "Rechnung.EXE", "x").has_value());
  BOOST_TEST(refused_as_executable("application/vnd.ms-word.document.macroEnabled.12", "a", "x").has_value());
}

BOOST_AUTO_TEST_CASE(R10_ordinary_files_are_taken) {
  BOOST_TEST(!refused_as_executable("application/pdf", "brief.pdf", "%PDF-1.7").has_value());
  BOOST_TEST(!refused_as_executable("text/plain", "notiz.txt", "Guten Tag").has_value());
  BOOST_TEST(!refused_as_executable("application/octet-stream", "bild.dcm", std::string_view("\0\0", 2)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
