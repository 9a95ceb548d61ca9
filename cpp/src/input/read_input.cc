#include "input/read_input.h"

#include <string>

#include "input/member_finder.h"
#include "input/member_path.h"
#include "input/read_file.h"
#include "input/read_stream.h"

namespace ppinfer {

void read_input(const ImageInput& input, std::vector<std::uint8_t>& bytes, const FileLimit& limit) {
  const bool was_file = input.size_bytes >= 0;
  if (const auto member = split_member(input.path)) {
    MemberFinder().read(*member, bytes);
  } else if (!was_file && is_named_pipe(input.path)) {
    read_stream(input.path, nullptr, bytes);
  } else {
    read_file(input.path, bytes, limit);
  }
}

}  // namespace ppinfer
