// An archive's bytes, read as a run reads them.
#include <cstring>
#include <variant>
#include <vector>

#include "core/image_failure.h"
#include "fuzz_target.h"
#include "input/archive.h"
#include "input/read_input.h"
#include "ppinfer/image_files.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* bytes, std::size_t count, std::size_t most);

namespace ppinfer {
namespace {

constexpr std::size_t kMembersReadAlone = 1;

void check_input(const ImageInput& input, const std::string& archive) {
  require(input.path.rfind(archive, 0) == 0, "a member's path begins with its archive's", input.path);
  const auto* const unusable = std::get_if<UnusableInput>(&input.content);
  if (unusable == nullptr) return;
  require(!unusable->reason.empty(), "a bad member has a reason", input.path);
  require(unusable->stage == Stage::kRead, "bytes fail in reading", unusable->reason);
}

// What the archive holds by itself, without the walk that makes inputs of it.
struct Contents {
  std::size_t members = 0;
  bool ends_in_failure = false;
};

Contents contents_of(const std::string& path) {
  Contents contents;
  try {
    Archive archive(path);
    for (ArchiveMember member; archive.next(member);) ++contents.members;
  } catch (const ImageFailure&) {
    contents.ends_in_failure = true;
  }
  return contents;
}

std::vector<std::uint8_t> alone(const std::string& path) {
  ImageInput input;
  input.path = path;
  std::vector<std::uint8_t> bytes;
  read_input(input, bytes);
  return bytes;
}

bool holds(const ImageInput& input, const std::vector<std::uint8_t>& bytes) {
  const Bytes held = std::get<EncodedImage>(input.content).bytes;
  return std::equal(held.begin(), held.end(), bytes.begin(), bytes.end());
}

// Repairs tar checksums after mutation; otherwise most mutations are rejected at the checksum.
void sum_up_header(std::uint8_t* header) {
  constexpr std::size_t kSumAt = 148, kSumBytes = 8;
  std::memset(header + kSumAt, ' ', kSumBytes);
  unsigned sum = 0;
  for (std::size_t index = 0; index < 512; ++index) sum += header[index];
  char text[kSumBytes + 1];
  std::snprintf(text, sizeof text, "%06o", sum);
  std::memcpy(header + kSumAt, text, kSumBytes - 1);  // ends in NUL and a blank
}

}  // namespace
}  // namespace ppinfer

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* bytes, std::size_t count, std::size_t most, unsigned) {
  count = LLVMFuzzerMutate(bytes, count, most);
  for (std::size_t at = 0; at + 512 <= count; at += 512) {
    if (std::memcmp(bytes + at + 257, "ustar", 5) == 0) ppinfer::sum_up_header(bytes + at);
  }
  return count;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  using namespace ppinfer;
  const std::string path = as_file({data, count}, "archive.tar");  // its content tells the kind
  std::vector<std::string> paths;
  InputOptions options;
  options.hidden = true;
  ImageFiles files({path}, options);
  for (ImageInput input; files.next(input);) {
    check_input(input, path);
    paths.push_back(input.path);
    if (paths.size() > kMembersReadAlone || !std::holds_alternative<EncodedImage>(input.content)) continue;
    require(holds(input, alone(input.path)), "a member read alone has the same bytes", input.path);
  }
  const Contents contents = contents_of(path);
  const auto skipped = static_cast<std::size_t>(files.skipped().count());
  // In a damaged zip, libarchive finds the next member from how much it has read, so the two counts may differ.
  const bool may_be_zip = text_of({data, count}).find("PK") != std::string_view::npos;
  require(may_be_zip || paths.size() + skipped == contents.members + (contents.ends_in_failure ? 1 : 0),
          "each member, and the archive's failure, is an input or is skipped");
  require(may_be_zip || contents.ends_in_failure == (!paths.empty() && paths.back() == path),
          "an archive's failure is its last input");
  ImageFiles passed({path}, options);
  std::size_t index = 0;
  for (ImageInput input; passed.next_unread(input); ++index) {
    require(index < paths.size() && input.path == paths[index], "passing over finds the same members", input.path);
  }
  require(index == paths.size(), "passing over finds as many members");
  require(may_be_zip || in_words(passed.skipped()) == in_words(files.skipped()), "passing over skips the same members");
  return 0;
}
