// Text functions of the system take their idea of a character from the thread's locale; here it is always UTF-8.
#pragma once

#include <clocale>

namespace [[gnu::visibility("default")]] ppinfer {

// While it lives, this thread's locale is C.UTF-8, or C where the system has no such locale.
class Utf8Locale {
 public:
  Utf8Locale();
  ~Utf8Locale();
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t previous_;
};

}  // namespace ppinfer
