// Carries the precompiled header that all test programs share: CMake makes none for a library without a source of its
// own.
