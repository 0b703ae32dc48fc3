#pragma once
// A page of text, drawn with pango and cairo into a PDF. All lengths are points from the top left corner.

#include "domain/fields.hpp"
#include "postal/cover_page.hpp"

#include <pango/pangocairo.h>

#include <fontconfig/fontconfig.h>
#include <memory>
#include <string>
#include <vector>

namespace elsec::postal {

struct cover_fonts::faces {
  std::shared_ptr<FcConfig> config;
  std::shared_ptr<FcCharSet> characters;  // of the regular face
};

struct text_style {
  double size_pt = 9;
  bool bold = false;
  double grey = 0;  // 0 is black
};

// Lines of text broken at a width.
class text_block {
 public:
  explicit text_block(PangoLayout* layout) : layout_(layout) {}

  [[nodiscard]] double width_pt() const;     // of the ink, too, where it hangs over
  [[nodiscard]] double overhang_pt() const;  // how far ink stands out to the left of the origin ("j")
  [[nodiscard]] double height_pt() const;
  [[nodiscard]] double baseline_pt() const;  // of the first line, from the top
  [[nodiscard]] bool complete() const;       // the font has all its characters
  [[nodiscard]] std::vector<std::string> lines() const;
  [[nodiscard]] PangoLayout* get() const { return layout_.get(); }

 private:
  struct release {
    void operator()(PangoLayout* layout) const { g_object_unref(layout); }
  };
  std::unique_ptr<PangoLayout, release> layout_;
};

class text_sheet {
 public:
  explicit text_sheet(const cover_fonts& fonts);

  // One line, as wide as it gets. Letters the font lacks lose the accents it lacks ("ễ" -> "ê").
  [[nodiscard]] text_block line(const std::string& text, const text_style& style) const;
  // Broken at words; what exceeds `lines_max` or `height_pt` ends in an ellipsis (0: unbounded).
  [[nodiscard]] text_block paragraph(const std::string& text, const text_style& style, double width_pt, int lines_max,
                                     double height_pt = 0) const;

  void draw(const text_block& block, const text_style& style, double left_pt, double top_pt);
  void draw_rule(double left_pt, double top_pt, double width_pt);

  // The finished PDF; the sheet takes nothing more.
  [[nodiscard]] domain::result<domain::bytes> finish();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace elsec::postal
