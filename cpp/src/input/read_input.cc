#include "input/read_input.h"

#include <variant>

#include "input/member_finder.h"
#include "input/member_path.h"
#include "input/read_file.h"

namespace ppinfer {

void read_input(const std::string& path, std::vector<std::uint8_t>& bytes) {
  if (const auto member = split_member(path)) {
    MemberFinder().read(*member, bytes);
  } else {
    read_file(path, bytes);
  }
}

void hold_member(ImageInput& input) {
  if (!std::holds_alternative<std::monostate>(input.content)) return;
  const std::string path = input.path;
  if (const auto member = split_member(path)) MemberFinder().find(path, *member, true, input);
}

}  // namespace ppinfer
