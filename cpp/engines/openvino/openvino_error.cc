#include "openvino_error.h"

#include "model/reason_text.h"

namespace ppinfer {
namespace {

// Places in OpenVINO's source ("Exception from FILE:LINE:", "Check 'CODE' failed at FILE:LINE:"), kinds ("FrontEnd API
// failed with KIND:") and contexts ("While validating node ...:") end in a colon, and what they are about is below.
bool is_heading(std::string_view line) {
  const auto starts_with = [line](std::string_view start) { return line.substr(0, start.size()) == start; };
  return line.back() == ':' || line == "Loading input model" || line == "Converting input model" ||
         line == "Partially converting input model" || line == "Decoding input model" ||
         starts_with("Model wasn't fully converted") || starts_with("While validating ");
}

}  // namespace

std::string reason_of(const std::exception& error) { return reason_from_lines(error.what(), is_heading); }

}  // namespace ppinfer
