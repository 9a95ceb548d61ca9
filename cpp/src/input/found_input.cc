#include "input/found_input.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <variant>
#include <vector>

#include "core/image_failure.h"
#include "core/machine_failure.h"
#include "input/member_path.h"

namespace ppinfer {

void set_path(ImageInput& input, std::string path) {
  input = ImageInput{};
  input.path = std::move(path);
}

void set_file(ImageInput& input, std::string path, const struct stat& status) {
  set_path(input, std::move(path));
  input.size_bytes = status.st_size;
}

void set_unusable(ImageInput& input, std::string path, std::string reason, Stage stage) {
  set_path(input, std::move(path));
  input.content = UnusableInput{std::move(reason), stage};
}

void set_member(ImageInput& input, const std::string& archive_path, const ArchiveMember& member) {
  set_path(input, join_member(archive_path, member.path));
  input.size_bytes = member.size_bytes;
  if (!member.unreadable.empty()) input.content = UnusableInput{member.unreadable};
}

void read_bytes(ImageInput& input, Archive& archive) {
  if (std::holds_alternative<UnusableInput>(input.content)) return;
  const auto bytes = std::make_shared<std::vector<std::uint8_t>>();
  try {
    archive.read(*bytes);
  } catch (const ImageFailure& error) {
    input.content = UnusableInput{error.what(), error.stage()};
    return;
  } catch (const std::bad_alloc&) {  // as for a file: the next one may fit
    const MachineFailure error =
        out_of_memory("reading", static_cast<std::uint64_t>(std::max<std::int64_t>(0, input.size_bytes)));
    input.content = UnusableInput{error.what(), error.stage()};
    return;
  }
  input.content = EncodedImage{*bytes};
  input.keep_alive = bytes;
}

}  // namespace ppinfer
