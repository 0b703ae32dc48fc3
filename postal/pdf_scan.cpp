#include "postal/pdf_scan.hpp"

#include "postal/pdf_file.hpp"

#include <qpdf/QPDFObjectHandle.hh>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

namespace elsec::postal {

namespace {

constexpr std::size_t attachment_prefix_bytes = 4096;
constexpr std::size_t form_script_bytes_max = std::size_t{4} << 20U;
// Of all forms of a file. A few thousand bytes can unpack to one packet's limit: without a sum, a small file would keep
// the look busy for a minute.
constexpr std::size_t form_scripts_bytes_max = std::size_t{32} << 20U;

bool is_name(QPDFObjectHandle value, std::string_view name) { return value.isName() && value.getName() == name; }

class scanner {
 public:
  explicit scanner(const type_detector& detector) : detector_(detector) {}

  // One indirect object and everything inside it, up to the next references: those are objects of their own.
  void scan(QPDFObjectHandle object) {
    std::vector<QPDFObjectHandle> open{object};
    while (!open.empty()) {
      QPDFObjectHandle current = open.back();
      open.pop_back();
      if (current.isArray()) {
        for (auto& item : current.getArrayAsVector()) descend(item, open);
        continue;
      }
      if (current.isStream()) {
        if (is_name(current.getDict().getKey("/Type"), "/EmbeddedFile")) check_attachment(current);
        current = current.getDict();
      }
      if (!current.isDictionary()) continue;
      check(current);
      for (auto& [key, value] : current.getDictAsMap()) descend(value, open);
    }
  }

  findings found;

 private:
  static void descend(QPDFObjectHandle value, std::vector<QPDFObjectHandle>& open) {
    if (!value.isIndirect() && (value.isArray() || value.isDictionary())) open.push_back(value);
  }

  void check(QPDFObjectHandle dictionary) {
    check_actions(dictionary);
    if (dictionary.hasKey("/EF")) check_file(dictionary);
    if (dictionary.hasKey("/XFA")) check_form_scripts(dictionary.getKey("/XFA"));
    if (dictionary.hasKey("/RichMediaContent") || dictionary.hasKey("/RichMediaSettings"))
      add(found, finding_code::rich_media);
    const QPDFObjectHandle subtype = dictionary.getKey("/Subtype");
    for (const std::string_view name : {"/RichMedia", "/Screen", "/Movie", "/3D"})
      if (is_name(subtype, name)) add(found, finding_code::rich_media);
  }

  void check_actions(QPDFObjectHandle dictionary) {
    constexpr std::array<std::string_view, 6> running{"/JavaScript", "/Rendition",  "/ImportData",
                                                      "/SubmitForm", "/GoTo3DView", "/RichMediaExecute"};
    const QPDFObjectHandle action = dictionary.getKey("/S");
    if (std::any_of(running.begin(), running.end(), [&](std::string_view name) { return is_name(action, name); }) ||
        dictionary.hasKey("/JS") || dictionary.hasKey("/JavaScript"))
      add(found, finding_code::active_content);
    if (is_name(action, "/Launch") || dictionary.hasKey("/Launch")) add(found, finding_code::launch_action);
    // Actions without a click: opening, printing, closing, moving over a field.
    QPDFObjectHandle additional = dictionary.getKey("/AA");
    if (additional.isDictionary() && !additional.getKeys().empty()) add(found, finding_code::active_content);
  }

  void check_file(QPDFObjectHandle specification) {
    for (const char* key : {"/UF", "/F", "/DOS", "/Unix", "/Mac"}) {
      QPDFObjectHandle name = specification.getKey(key);
      if (name.isString() && is_executable_name(name.getUTF8Value())) add(found, finding_code::embedded_executable);
    }
    QPDFObjectHandle embedded = specification.getKey("/EF");
    if (!embedded.isDictionary()) return;
    for (auto& [key, file] : embedded.getDictAsMap())
      if (QPDFObjectHandle stream = file; stream.isStream()) check_attachment(stream);
  }

  // However often it is referred to.
  void check_attachment(QPDFObjectHandle stream) {
    if (!attachments_.insert(stream.getObjGen()).second) return;
    if (is_executable_type(detector_.detect(read_prefix(stream, attachment_prefix_bytes))))
      add(found, finding_code::embedded_executable);
  }

  // XFA forms keep their scripts in XML packets. Each is looked at once, however often it is referred to.
  void check_form_scripts(QPDFObjectHandle packets) {
    std::vector<QPDFObjectHandle> streams;
    if (packets.isStream()) streams.push_back(packets);
    if (packets.isArray())
      for (auto& item : packets.getArrayAsVector())
        if (item.isStream()) streams.push_back(item);
    for (auto& stream : streams) {
      if (!packets_.insert(stream.getObjGen()).second) continue;
      if (form_script_bytes_ > form_scripts_bytes_max) return add(found, finding_code::unreadable);
      const domain::bytes xml = read_prefix(stream, form_script_bytes_max);
      form_script_bytes_ += xml.size();
      constexpr std::string_view element = "<script";
      if (std::search(xml.begin(), xml.end(), element.begin(), element.end()) != xml.end())
        add(found, finding_code::active_content);
    }
  }

  const type_detector& detector_;
  std::set<QPDFObjGen> attachments_;
  std::set<QPDFObjGen> packets_;
  std::size_t form_script_bytes_ = 0;  // unpacked
};

}  // namespace

findings scan_pdf(QPDF& pdf, const type_detector& detector) {
  if (pdf.getObjectCount() > pdf_objects_max) return {finding_code::unreadable};
  scanner look(detector);
  look.scan(pdf.getTrailer());
  for (const auto& object : pdf.getAllObjects()) look.scan(object);
  return std::move(look.found);
}

}  // namespace elsec::postal
