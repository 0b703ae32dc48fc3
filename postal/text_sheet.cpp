#include "postal/text_sheet.hpp"

#include "postal/page.hpp"

#include <cairo-pdf.h>
#include <pango/pangofc-fontmap.h>

#include <array>
#include <cmath>
#include <optional>
#include <string_view>

namespace elsec::postal {

namespace {

constexpr const char* font_family = "Liberation Sans";
constexpr float line_spacing = 1.15F;

template <class T>
struct unref {
  void operator()(T* object) const { g_object_unref(object); }
};

struct found_face {
  std::string file;
  std::shared_ptr<FcCharSet> characters;
};

struct release_pattern {
  void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
};

// Nothing when fontconfig offers another family instead.
std::optional<found_face> find_face(bool bold) {
  const std::unique_ptr<FcPattern, release_pattern> wanted(
      FcPatternBuild(nullptr, FC_FAMILY, FcTypeString, font_family, FC_WEIGHT, FcTypeInteger,
                     bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR, FC_SLANT, FcTypeInteger, FC_SLANT_ROMAN, nullptr));
  FcConfigSubstitute(nullptr, wanted.get(), FcMatchPattern);
  FcDefaultSubstitute(wanted.get());
  FcResult outcome = FcResultNoMatch;
  const std::unique_ptr<FcPattern, release_pattern> found(FcFontMatch(nullptr, wanted.get(), &outcome));
  FcChar8* family = nullptr;
  FcChar8* file = nullptr;
  FcCharSet* characters = nullptr;
  if (!found || FcPatternGetString(found.get(), FC_FAMILY, 0, &family) != FcResultMatch ||
      FcPatternGetString(found.get(), FC_FILE, 0, &file) != FcResultMatch ||
      FcPatternGetCharSet(found.get(), FC_CHARSET, 0, &characters) != FcResultMatch)
    return {};
  if (std::string_view(reinterpret_cast<const char*>(family)) != font_family) return {};
  return found_face{reinterpret_cast<const char*>(file), {FcCharSetCopy(characters), &FcCharSetDestroy}};
}

// The text in composed letters, each without the accents that the font lacks. What it lacks altogether stays.
std::string adapted(const FcCharSet* font, const std::string& text) {
  const std::unique_ptr<gchar, decltype(&g_free)> composed(
      g_utf8_normalize(text.data(), static_cast<gssize>(text.size()), G_NORMALIZE_DEFAULT_COMPOSE), &g_free);
  std::string out;
  if (!composed) return out;
  for (const gchar* at = composed.get(); *at != '\0'; at = g_utf8_next_char(at)) {
    const gunichar original = g_utf8_get_char(at);
    gunichar letter = original;
    gunichar accent = 0;
    while (FcCharSetHasChar(font, letter) == FcFalse && g_unichar_decompose(letter, &letter, &accent) != FALSE) {
    }
    const bool known = FcCharSetHasChar(font, letter) != FcFalse;
    if (!known && g_unichar_ismark(original) != FALSE) continue;
    std::array<gchar, 6> encoded{};
    const gint length = g_unichar_to_utf8(known ? letter : original, encoded.data());
    out.append(encoded.data(), static_cast<std::size_t>(length));
  }
  return out;
}

cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) {
  auto& out = *static_cast<domain::bytes*>(closure);
  out.insert(out.end(), data, data + length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

domain::result<cover_fonts> cover_fonts::load() {
  faces loaded;
  loaded.config.reset(FcConfigCreate(), [](FcConfig* config) {
    if (config != nullptr) FcConfigDestroy(config);
  });
  for (const bool bold : {true, false}) {
    const auto face = find_face(bold);
    if (!face || !loaded.config ||
        FcConfigAppFontAddFile(loaded.config.get(), reinterpret_cast<const FcChar8*>(face->file.c_str())) != FcTrue)
      return domain::fail(domain::error_code::internal, "The font Liberation Sans is not installed.");
    loaded.characters = face->characters;
  }
  return cover_fonts(std::make_shared<const faces>(std::move(loaded)));
}

double text_block::width_pt() const {
  PangoRectangle ink{};
  PangoRectangle logical{};
  pango_layout_get_extents(layout_.get(), &ink, &logical);
  const int left = std::min(ink.x, logical.x);
  const int right = std::max(ink.x + ink.width, logical.x + logical.width);
  return pango_units_to_double(right - left);
}

double text_block::overhang_pt() const {
  PangoRectangle ink{};
  pango_layout_get_extents(layout_.get(), &ink, nullptr);
  return pango_units_to_double(std::max(0, -ink.x));
}

double text_block::height_pt() const {
  PangoRectangle logical{};
  pango_layout_get_extents(layout_.get(), nullptr, &logical);
  return pango_units_to_double(logical.height);
}

double text_block::baseline_pt() const { return pango_units_to_double(pango_layout_get_baseline(layout_.get())); }

bool text_block::complete() const { return pango_layout_get_unknown_glyphs_count(layout_.get()) == 0; }

std::vector<std::string> text_block::lines() const {
  const std::string_view text = pango_layout_get_text(layout_.get());
  std::vector<std::string> parts;
  for (int i = 0; i < pango_layout_get_line_count(layout_.get()); ++i) {
    const PangoLayoutLine* line = pango_layout_get_line_readonly(layout_.get(), i);
    std::string_view part =
        text.substr(static_cast<std::size_t>(line->start_index), static_cast<std::size_t>(line->length));
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

struct text_sheet::state {
  domain::bytes out;
  cover_fonts::faces faces;
  std::unique_ptr<PangoFontMap, unref<PangoFontMap>> fonts;
  std::unique_ptr<PangoContext, unref<PangoContext>> context;
  std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface{nullptr, &cairo_surface_destroy};
  std::unique_ptr<cairo_t, decltype(&cairo_destroy)> pen{nullptr, &cairo_destroy};
};

text_sheet::text_sheet(const cover_fonts& fonts) : state_(std::make_shared<state>()) {
  state& s = *state_;
  s.faces = fonts.get();
  s.fonts.reset(pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT));
  pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(s.fonts.get()), s.faces.config.get());
  // One pango point is one PDF point.
  pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(s.fonts.get()), 72.0);
  s.context.reset(pango_font_map_create_context(s.fonts.get()));
  pango_context_set_language(s.context.get(), pango_language_from_string("de"));
  pango_context_set_base_dir(s.context.get(), PANGO_DIRECTION_LTR);
  // Widths must grow with the size, or text set smaller to fit might still not fit.
  pango_context_set_round_glyph_positions(s.context.get(), FALSE);
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(s.context.get(), options);
  cairo_font_options_destroy(options);
  s.surface.reset(cairo_pdf_surface_create_for_stream(append, &s.out, page_width_pt, page_height_pt));
  s.pen.reset(cairo_create(s.surface.get()));
}

text_block text_sheet::line(const std::string& words, const text_style& style) const {
  const std::string text = adapted(state_->faces.characters.get(), words);
  text_block block(pango_layout_new(state_->context.get()));
  PangoFontDescription* font = pango_font_description_new();
  pango_font_description_set_family_static(font, font_family);
  pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_font_description_set_size(font, static_cast<int>(std::lround(style.size_pt * PANGO_SCALE)));
  pango_layout_set_font_description(block.get(), font);
  pango_font_description_free(font);
  pango_layout_set_auto_dir(block.get(), FALSE);
  pango_layout_set_single_paragraph_mode(block.get(), TRUE);
  pango_layout_set_text(block.get(), text.data(), static_cast<int>(text.size()));
  return block;
}

text_block text_sheet::paragraph(const std::string& text, const text_style& style, double width_pt, int lines_max,
                                 double height_pt) const {
  text_block block = line(text, style);
  pango_layout_set_single_paragraph_mode(block.get(), FALSE);
  pango_layout_set_line_spacing(block.get(), line_spacing);
  pango_layout_set_width(block.get(), pango_units_from_double(width_pt));
  pango_layout_set_wrap(block.get(), PANGO_WRAP_WORD_CHAR);
  if (lines_max > 0 || height_pt > 0) {
    pango_layout_set_ellipsize(block.get(), PANGO_ELLIPSIZE_END);
    pango_layout_set_height(block.get(), lines_max > 0 ? -lines_max : pango_units_from_double(height_pt));
  }
  return block;
}

void text_sheet::draw(const text_block& block, const text_style& style, double left_pt, double top_pt) {
  cairo_t* pen = state_->pen.get();
  cairo_set_source_rgb(pen, style.grey, style.grey, style.grey);
  cairo_move_to(pen, left_pt, top_pt);
  pango_cairo_show_layout(pen, block.get());
}

void text_sheet::draw_rule(double left_pt, double top_pt, double width_pt) {
  constexpr double rule_pt = 0.5;
  constexpr double rule_grey = 0.55;
  cairo_t* pen = state_->pen.get();
  cairo_set_source_rgb(pen, rule_grey, rule_grey, rule_grey);
  cairo_rectangle(pen, left_pt, top_pt, width_pt, rule_pt);
  cairo_fill(pen);
}

domain::result<domain::bytes> text_sheet::finish() {
  cairo_show_page(state_->pen.get());
  cairo_surface_finish(state_->surface.get());
  if (cairo_status(state_->pen.get()) != CAIRO_STATUS_SUCCESS ||
      cairo_surface_status(state_->surface.get()) != CAIRO_STATUS_SUCCESS)
    return domain::fail(domain::error_code::internal, "The cover page could not be drawn.");
  return std::move(state_->out);
}

}  // namespace elsec::postal
