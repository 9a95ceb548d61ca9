#include <exception>
#include <memory>

#include "core/machine_failure.h"
#include "core/sniff.h"
#include "input/member_finder.h"
#include "input/member_path.h"
#include "ppinfer/image_files.h"

namespace ppinfer {

MemberReader::MemberReader() : finder_(std::make_unique<MemberFinder>()) {}
MemberReader::~MemberReader() = default;

std::int64_t MemberReader::read(const std::string& path, std::vector<std::uint8_t>& bytes) {
  try {
    const auto parts = split_member(path);
    if (!parts) throw_unreadable("the archive does not exist any more");
    const std::int64_t modified_ns = finder_->read(*parts, bytes).modified_ns;
    // Of anything else the archive gives the first bytes only.
    if (sniff(bytes) == ImageKind::kOther) throw_unreadable(describe_other(bytes));
    return modified_ns;
  } catch (const std::exception&) {
    throw_without_result(path, error_at(Stage::kRead));
  }
}

}  // namespace ppinfer
