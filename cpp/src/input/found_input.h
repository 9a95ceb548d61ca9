// The inputs that a search makes of what it finds.
#pragma once

#include <sys/stat.h>

#include <string>

#include "input/archive.h"
#include "ppinfer/image.h"

namespace ppinfer {

// Each replaces all that `input` holds.
void set_path(ImageInput& input, std::string path);
void set_file(ImageInput& input, std::string path, const struct stat& status);
void set_unusable(ImageInput& input, std::string path, std::string reason, Stage stage = Stage::kRead);
void set_member(ImageInput& input, const std::string& archive_path, const ArchiveMember& member);

// Of the member that `archive` stands at: into memory that `input` keeps alive, or the reason why not.
void read_bytes(ImageInput& input, Archive& archive);

}  // namespace ppinfer
