// Linked into the tests where a sanitizer looks for leaks: what fontconfig and pango keep of the fonts is theirs.
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig\nleak:libpango\n"; }
