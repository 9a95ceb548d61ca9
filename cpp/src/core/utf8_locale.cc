#include "core/utf8_locale.h"

namespace ppinfer {
namespace {

locale_t make_utf8() {
  const locale_t utf8 = newlocale(LC_ALL_MASK, "C.UTF-8", nullptr);
  return utf8 != nullptr ? utf8 : newlocale(LC_ALL_MASK, "C", nullptr);
}

}  // namespace

Utf8Locale::Utf8Locale() {
  static const locale_t utf8 = make_utf8();  // kept for the process's life: threads may still be in it
  previous_ = uselocale(utf8);
}

Utf8Locale::~Utf8Locale() { uselocale(previous_); }

}  // namespace ppinfer
