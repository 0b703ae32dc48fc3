#include "postal/layers.hpp"

#include <set>
#include <string>

namespace elsec::postal {

namespace {

using group_set = std::set<QPDFObjGen>;

template <class Visit>
void each_group(QPDFObjectHandle groups, Visit visit) {
  if (!groups.isArray()) return;
  // A file may call anything a group; qpdf copies no page tree as an object, and leaves a hole where one should be.
  for (auto& group : groups.getArrayAsVector())
    if (group.isIndirect() && group.isDictionary() && !group.isPagesObject() && !group.isPageObject()) visit(group);
}

bool is_name(QPDFObjectHandle value, const char* name) { return value.isName() && value.getName() == name; }

// A layer's own wish about printing, where the configuration asks for it.
void apply_print_usage(QPDFObjectHandle configuration, group_set& hidden) {
  QPDFObjectHandle rules = configuration.getKey("/AS");
  if (!rules.isArray()) return;
  for (auto& rule : rules.getArrayAsVector()) {
    if (!rule.isDictionary() || !is_name(rule.getKey("/Event"), "/Print")) continue;
    each_group(rule.getKey("/OCGs"), [&](QPDFObjectHandle& group) {
      QPDFObjectHandle usage = group.getKey("/Usage");
      QPDFObjectHandle print = usage.isDictionary() ? usage.getKey("/Print") : QPDFObjectHandle::newNull();
      if (!print.isDictionary()) return;
      if (is_name(print.getKey("/PrintState"), "/OFF")) hidden.insert(group.getObjGen());
      if (is_name(print.getKey("/PrintState"), "/ON")) hidden.erase(group.getObjGen());
    });
  }
}

}  // namespace

void layers::take(QPDF& target, QPDF& source) {
  QPDFObjectHandle properties = source.getRoot().getKey("/OCProperties");
  if (!properties.isDictionary()) return;
  QPDFObjectHandle groups = properties.getKey("/OCGs");
  QPDFObjectHandle configuration = properties.getKey("/D");
  group_set hidden;
  if (configuration.isDictionary()) {
    const auto hide = [&](QPDFObjectHandle& group) { hidden.insert(group.getObjGen()); };
    if (is_name(configuration.getKey("/BaseState"), "/OFF")) each_group(groups, hide);
    each_group(configuration.getKey("/OFF"), hide);
    each_group(configuration.getKey("/ON"), [&](QPDFObjectHandle& group) { hidden.erase(group.getObjGen()); });
    apply_print_usage(configuration, hidden);
  }
  each_group(groups, [&](QPDFObjectHandle& group) {
    QPDFObjectHandle copy = target.copyForeignObject(group);
    all_.push_back(copy);
    if (hidden.contains(group.getObjGen())) hidden_.push_back(copy);
  });
}

void layers::put(QPDF& target) const {
  if (all_.empty()) return;
  QPDFObjectHandle configuration = QPDFObjectHandle::newDictionary();
  configuration.replaceKey("/BaseState", QPDFObjectHandle::newName("/ON"));
  configuration.replaceKey("/OFF", QPDFObjectHandle::newArray(hidden_));
  QPDFObjectHandle properties = QPDFObjectHandle::newDictionary();
  properties.replaceKey("/OCGs", QPDFObjectHandle::newArray(all_));
  properties.replaceKey("/D", configuration);
  target.getRoot().replaceKey("/OCProperties", properties);
}

}  // namespace elsec::postal
