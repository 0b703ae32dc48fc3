// libFuzzer's entry: one target per program, named by the build.
#include "fuzz/targets.hpp"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    elsec::fuzz::ELSEC_FUZZ_TARGET({data, size});
  } catch (const elsec::fuzz::broken& found) {
    std::fprintf(stderr, "property broken: %s\n", found.property);
    std::abort();  // libFuzzer keeps the input
  }
  return 0;
}

// Of fontconfig and pango, which keep what they have read of the fonts.
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig\nleak:libpango\n"; }
