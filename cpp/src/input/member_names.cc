#include "input/member_names.h"

#include "core/message_text.h"
#include "core/stable_hash.h"

namespace ppinfer {

bool MemberNames::add(std::string_view name, std::string_view hard_link, std::int64_t header_at) {
  const std::uint64_t link_hash = hard_link.empty() ? 0 : stable_hash(hard_link);
  const auto [place, is_new] = members_.try_emplace(stable_hash(name), Member{link_hash, header_at, false, false});
  // tar writes a file that it is given twice as a link to its own name, a link as the same link once more.
  const bool is_own_copy = link_hash != 0 && (name == hard_link || link_hash == place->second.link_hash);
  if (is_new || is_own_copy) return true;
  place->second.is_repeated = true;
  return false;
}

void MemberNames::note_image(std::string_view name) {
  const auto found = members_.find(stable_hash(name));
  if (found != members_.end()) found->second.is_image = true;
}

bool MemberNames::is_image(std::string_view name) const {
  const Member* const member = find(name);
  return member != nullptr && member->is_image;
}

std::int64_t MemberNames::header_at(std::string_view name) const { return find(name)->header_at; }

std::string MemberNames::why_no_target(std::string_view name) const {
  const Member* const target = find(name);
  const std::string link = "is a hard link to " + quoted(name);
  if (target == nullptr) return link + ", which is not in the archive before it";
  if (target->link_hash != 0) return link + " in the archive, which is a hard link itself";
  if (target->is_repeated) return link + ", a name that several members of the archive have";
  return "";
}

const MemberNames::Member* MemberNames::find(std::string_view name) const {
  const auto found = members_.find(stable_hash(name));
  return found == members_.end() ? nullptr : &found->second;
}

}  // namespace ppinfer
