// Archives for tests, made by libarchive.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace ppinfer {

struct MadeMember {
  std::string name;
  std::string content = {};
  unsigned int type = AE_IFREG;
  std::string link = {};  // of a symbolic link; of a hard link when it's a regular file
  std::size_t zeros = 0;  // mebibytes of zeros that follow the content
};

enum class MadeFormat { kTar, kPaxTar, kTarGz, kTarBz2, kTarXz, kTarZst, kZip, kStoredZip, kEncryptedZip };

inline void check_made(int code, archive* writer) {
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) throw std::runtime_error(archive_error_string(writer));
}

inline void write_member(archive* writer, const MadeMember& member) {
  archive_entry* const entry = archive_entry_new();
  archive_entry_copy_pathname(entry, member.name.c_str());
  archive_entry_set_filetype(entry, member.type);
  archive_entry_set_perm(entry, 0644);
  archive_entry_set_mtime(entry, 1'600'000'000, 0);
  if (member.type == AE_IFREG && member.link.empty()) {
    archive_entry_set_size(entry, static_cast<la_int64_t>(member.content.size() + (member.zeros << 20)));
  }
  if (member.type == AE_IFLNK) archive_entry_copy_symlink(entry, member.link.c_str());
  if (member.type == AE_IFREG && !member.link.empty()) archive_entry_copy_hardlink(entry, member.link.c_str());
  check_made(archive_write_header(writer, entry), writer);
  if (!member.content.empty()) archive_write_data(writer, member.content.data(), member.content.size());
  const std::string mebibyte(member.zeros > 0 ? std::size_t{1} << 20 : 0, '\0');
  for (std::size_t written = 0; written < member.zeros; ++written) {
    archive_write_data(writer, mebibyte.data(), mebibyte.size());
  }
  archive_entry_free(entry);
}

inline void make_archive(const std::string& path, MadeFormat format, const std::vector<MadeMember>& members) {
  archive* const writer = archive_write_new();
  const bool is_zip =
      format == MadeFormat::kZip || format == MadeFormat::kStoredZip || format == MadeFormat::kEncryptedZip;
  if (is_zip) archive_write_set_format_zip(writer);
  if (format == MadeFormat::kStoredZip) archive_write_zip_set_compression_store(writer);
  if (format == MadeFormat::kEncryptedZip) {
    check_made(archive_write_set_options(writer, "zip:encryption=traditional"), writer);
    check_made(archive_write_set_passphrase(writer, "secret"), writer);
  }
  if (format == MadeFormat::kPaxTar) archive_write_set_format_pax(writer);
  if (!is_zip && format != MadeFormat::kPaxTar) archive_write_set_format_gnutar(writer);
  if (format == MadeFormat::kTarGz) archive_write_add_filter_gzip(writer);
  if (format == MadeFormat::kTarBz2) archive_write_add_filter_bzip2(writer);
  if (format == MadeFormat::kTarXz) archive_write_add_filter_xz(writer);
  if (format == MadeFormat::kTarZst) archive_write_add_filter_zstd(writer);
  check_made(archive_write_open_filename(writer, path.c_str()), writer);
  for (const MadeMember& member : members) write_member(writer, member);
  check_made(archive_write_close(writer), writer);
  archive_write_free(writer);
}

}  // namespace ppinfer
