#pragma once
// What must hold beyond single values: files that exist, keys that can be read, and rules between settings.

#include "app/settings/document.hpp"

namespace elsec::app {

// Makes paths absolute, fills in what follows from other settings, reads the two key files, and adds what is wrong to
// the problems. A value already reported is not looked at again.
void apply_rules(document& out, const environment& variables);

}  // namespace elsec::app
