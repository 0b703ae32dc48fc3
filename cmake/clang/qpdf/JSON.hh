// In place of qpdf's own header, for clang only: there a destructor of std::vector<JSON> stands inside of JSON, and clang
// asks for the whole class at that point, as C++20 made the destructor constexpr. Nothing of elSec uses qpdf's JSON;
// other headers of qpdf only name it.
#ifndef JSON_HH
#define JSON_HH

#include <qpdf/DLL.h>
#include <qpdf/PointerHolder.hh>
#include <qpdf/Types.h>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

class JSON;
class Pipeline;
class InputSource;

#endif
