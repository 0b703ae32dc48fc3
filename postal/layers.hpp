#pragma once
// Layers (optional content): what a document hides must stay hidden on paper.

#include <qpdf/QPDF.hh>

#include <vector>

namespace elsec::postal {

class layers {
 public:
  // Notes a document's layers and which of them do not print. Call before the document's pages are copied.
  void take(QPDF& target, QPDF& source);

  // Puts the list of all layers into the joined document.
  void put(QPDF& target) const;

 private:
  std::vector<QPDFObjectHandle> all_;
  std::vector<QPDFObjectHandle> hidden_;
};

}  // namespace elsec::postal
