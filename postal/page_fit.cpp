#include "postal/page_fit.hpp"

#include "postal/page.hpp"

#include <qpdf/Pl_Buffer.hh>
#include <qpdf/Pl_Flate.hh>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace elsec::postal {

namespace {

using rectangle = QPDFObjectHandle::Rectangle;

constexpr double a4_tolerance_pt = to_pt(1);
// PDF's own limits: smaller pages show nothing, larger ones overflow a reader's arithmetic.
constexpr double side_min_pt = 3;
constexpr double side_max_pt = 1e6;

double width(const rectangle& r) { return r.urx - r.llx; }
double height(const rectangle& r) { return r.ury - r.lly; }
bool near(double a, double b) { return std::abs(a - b) <= a4_tolerance_pt; }

bool is_a4(double across, double up) { return near(across, page_width_pt) && near(up, page_height_pt); }

// What a viewer shows of the page, before rotation. Boxes for printers' trimming are not what the sender saw.
rectangle visible_box(QPDFPageObjectHelper& page) {
  rectangle media = page.getMediaBox().getArrayAsRectangle();
  QPDFObjectHandle crop_box = page.getCropBox();
  if (crop_box.isRectangle()) {
    const rectangle crop = crop_box.getArrayAsRectangle();
    const rectangle both(std::max(media.llx, crop.llx), std::max(media.lly, crop.lly), std::min(media.urx, crop.urx),
                         std::min(media.ury, crop.ury));
    if (width(both) > 0 && height(both) > 0) media = both;
  }
  for (const double side : {width(media), height(media)})
    if (!(side >= side_min_pt && side <= side_max_pt)) throw std::runtime_error("page without a usable size");
  return media;
}

// Decoded as a check and packed again: a page whose content is broken must fail here, not come out of a printer empty.
QPDFObjectHandle checked_contents(QPDF& source, QPDFPageObjectHelper& page) {
  Pl_Buffer packed("contents");
  Pl_Flate pack("deflate", &packed, Pl_Flate::a_deflate);
  page.pipeContents(&pack);
  pack.finish();
  QPDFObjectHandle stream = source.newStream();
  stream.replaceStreamData(packed.getBufferSharedPointer(), QPDFObjectHandle::newName("/FlateDecode"),
                           QPDFObjectHandle::newNull());
  return stream;
}

// The categories that content streams can name; marked-content properties only where they are layers.
QPDFObjectHandle drawing_resources(QPDFPageObjectHelper& page) {
  QPDFObjectHandle all = page.getAttribute("/Resources", false);
  QPDFObjectHandle kept = QPDFObjectHandle::newDictionary();
  if (!all.isDictionary()) return kept;
  for (const char* category : {"/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font", "/ProcSet"})
    if (all.hasKey(category)) kept.replaceKey(category, all.getKey(category));
  QPDFObjectHandle properties = all.getKey("/Properties");
  if (!properties.isDictionary()) return kept;
  QPDFObjectHandle layers = QPDFObjectHandle::newDictionary();
  for (auto& [name, value] : properties.getDictAsMap())
    if (value.isDictionaryOfType("/OCG") || value.isDictionaryOfType("/OCMD")) layers.replaceKey(name, value);
  kept.replaceKey("/Properties", layers);
  return kept;
}

QPDFObjectHandle a4_box() {
  return QPDFObjectHandle::newArray({QPDFObjectHandle::newInteger(0), QPDFObjectHandle::newInteger(0),
                                     QPDFObjectHandle::newReal("595.276"), QPDFObjectHandle::newReal("841.89")});
}

QPDFObjectHandle new_page(QPDFObjectHandle resources, QPDFObjectHandle contents, QPDFObjectHandle group) {
  QPDFObjectHandle page = QPDFObjectHandle::newDictionary();
  page.replaceKey("/Type", QPDFObjectHandle::newName("/Page"));
  page.replaceKey("/MediaBox", a4_box());
  page.replaceKey("/Resources", resources);
  page.replaceKey("/Contents", contents);
  if (group.isDictionary()) page.replaceKey("/Group", group);
  return page;
}

// Copies follow references only from an indirect object; the parts travel together so that they share what they share.
QPDFObjectHandle copy_as_is(QPDF& target, QPDF& source, QPDFPageObjectHelper& page) {
  QPDFObjectHandle parts = QPDFObjectHandle::newDictionary();
  parts.replaceKey("/Resources", drawing_resources(page));
  parts.replaceKey("/Contents", checked_contents(source, page));
  parts.replaceKey("/Group", page.getObjectHandle().getKey("/Group"));
  QPDFObjectHandle copy = target.copyForeignObject(source.makeIndirectObject(parts));
  return new_page(copy.getKey("/Resources"), copy.getKey("/Contents"), copy.getKey("/Group"));
}

QPDFObjectHandle as_form(QPDF& source, QPDFPageObjectHelper& page, const rectangle& box, const QPDFMatrix& matrix) {
  QPDFObjectHandle form = checked_contents(source, page);
  QPDFObjectHandle dictionary = form.getDict();
  dictionary.replaceKey("/Type", QPDFObjectHandle::newName("/XObject"));
  dictionary.replaceKey("/Subtype", QPDFObjectHandle::newName("/Form"));
  dictionary.replaceKey("/BBox", QPDFObjectHandle::newArray(box));
  dictionary.replaceKey("/Matrix", QPDFObjectHandle::newArray(matrix));
  dictionary.replaceKey("/Resources", drawing_resources(page));
  QPDFObjectHandle group = page.getObjectHandle().getKey("/Group");
  if (group.isDictionary()) dictionary.replaceKey("/Group", group.isIndirect() ? group : group.shallowCopy());
  return form;
}

// 0, 90, 180 or 270, clockwise.
int rotation(QPDFPageObjectHelper& page) {
  QPDFObjectHandle value = page.getAttribute("/Rotate", false);
  if (!value.isInteger()) return 0;
  const int angle = static_cast<int>(value.getIntValue() % 360);
  return angle % 90 == 0 ? (angle + 360) % 360 : 0;
}

double user_unit(QPDFPageObjectHelper& page) {
  QPDFObjectHandle value = page.getAttribute("/UserUnit", false);
  const double unit = value.isNumber() ? value.getNumericValue() : 1.0;
  return unit > 0 ? unit : 1.0;
}

// From the page's own space to the sheet as a viewer shows it, but with the corner still anywhere.
QPDFMatrix viewing_matrix(int clockwise, double unit) {
  QPDFMatrix matrix;
  matrix.scale(unit, unit);
  // rotatex90 turns counter-clockwise, /Rotate clockwise.
  if (clockwise != 0) matrix.rotatex90(360 - clockwise);
  return matrix;
}

QPDFMatrix times(const QPDFMatrix& outer, const QPDFMatrix& inner) {
  QPDFMatrix product = outer;
  product.concat(inner);
  return product;
}

}  // namespace

QPDFMatrix placement(const rectangle& visible) {
  const bool landscape = width(visible) > height(visible);
  const double across = landscape ? height(visible) : width(visible);
  const double up = landscape ? width(visible) : height(visible);
  const zone whole{0, 0, page_width_mm, page_height_mm};
  const bool keep = is_a4(across, up);
  const zone& area = keep ? whole : printable;
  const double scale = keep ? 1.0 : std::min(to_pt(area.width_mm()) / across, to_pt(area.height_mm()) / up);
  const double centre_x = to_pt(area.left_mm + area.right_mm) / 2;
  const double centre_y = page_height_pt - to_pt(area.top_mm + area.bottom_mm) / 2;
  QPDFMatrix matrix;
  matrix.translate(centre_x, centre_y);
  if (landscape) matrix.rotatex90(90);
  matrix.scale(scale, scale);
  matrix.translate(-(visible.llx + visible.urx) / 2, -(visible.lly + visible.ury) / 2);
  return matrix;
}

QPDFObjectHandle fit_page(QPDF& target, QPDF& source, QPDFPageObjectHelper page) {
  const rectangle box = visible_box(page);
  const int clockwise = rotation(page);
  const double unit = user_unit(page);
  const bool at_origin = near(box.llx, 0) && near(box.lly, 0);
  if (clockwise == 0 && unit == 1.0 && at_origin && is_a4(width(box), height(box)))
    return copy_as_is(target, source, page);
  const QPDFMatrix viewing = viewing_matrix(clockwise, unit);
  const QPDFMatrix matrix = times(placement(viewing.transformRectangle(box)), viewing);
  QPDFObjectHandle form = target.copyForeignObject(as_form(source, page, box, matrix));
  QPDFObjectHandle forms = QPDFObjectHandle::newDictionary();
  forms.replaceKey("/Page", form);
  QPDFObjectHandle resources = QPDFObjectHandle::newDictionary();
  resources.replaceKey("/XObject", forms);
  return new_page(resources, target.newStream("q /Page Do Q\n"), QPDFObjectHandle::newNull());
}

}  // namespace elsec::postal
