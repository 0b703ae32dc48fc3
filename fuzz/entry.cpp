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
