#include "ppinfer/image_files.h"

#include <pybind11/stl.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings.h"
#include "ppinfer/run_text.h"
#include "text.h"
#include "value_type.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

struct InputSelection {
  std::vector<std::string> paths;
  InputOptions options;
};

std::vector<std::string> to_bytes(const py::iterable& texts) {
  std::vector<std::string> bytes;
  for (const py::handle text : texts) bytes.push_back(to_bytes_of_path(text));
  return bytes;
}

py::tuple to_texts(const std::vector<std::string>& bytes) {
  py::tuple texts(bytes.size());
  for (std::size_t index = 0; index < bytes.size(); ++index) texts[index] = to_python_path(bytes[index]);
  return texts;
}

InputSelection make_selection(const py::iterable& paths, const py::iterable& include, const py::iterable& exclude,
                              bool hidden, bool follow_links, const std::pair<int, int>& shard,
                              const py::object& list_path, bool list_ends_in_nul) {
  InputSelection selection;
  selection.paths = to_bytes(paths);
  InputOptions& options = selection.options;
  options.include = to_bytes(include);
  options.exclude = to_bytes(exclude);
  options.hidden = hidden;
  options.follow_links = follow_links;
  std::tie(options.shard_index, options.shard_count) = shard;
  if (!list_path.is_none()) options.list_path = to_bytes_of_path(list_path);
  options.list_ends_in_nul = list_ends_in_nul;
  return selection;
}

constexpr const char* kSelectionFields[] = {"paths",        "include", "exclude",   "hidden",
                                            "follow_links", "shard",   "list_path", "list_ends_in_nul"};

py::object list_path_of(const InputSelection& selection) {
  const std::string& path = selection.options.list_path;
  return path.empty() ? py::object(py::none()) : py::object(to_python_path(path));
}

std::pair<int, int> shard_of(const InputSelection& selection) {
  return {selection.options.shard_index, selection.options.shard_count};
}

py::tuple fields_of(const InputSelection& selection) {
  const InputOptions& options = selection.options;
  return py::make_tuple(to_texts(selection.paths), to_texts(options.include), to_texts(options.exclude), options.hidden,
                        options.follow_links, shard_of(selection), list_path_of(selection), options.list_ends_in_nul);
}

void check_selection(const InputSelection& selection) {
  const py::gil_scoped_release waits_for_the_disk;
  check_any_is_there(selection.paths, selection.options);
}

// Ctrl-C, while whoever writes a list takes their time.
void let_signals_through() {
  const py::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

py::str next_path(ImageFiles& files) {
  ImageInput input;
  bool has_next = false;
  {
    const py::gil_scoped_release waits_for_the_disk;
    has_next = files.next_unread(input, let_signals_through);  // Python needs only the path
  }
  if (!has_next) throw py::stop_iteration();
  return to_python_path(input.path);
}

std::pair<py::bytes, std::int64_t> read_member(MemberReader& reader, const std::string& path) {
  std::vector<std::uint8_t> content;
  std::int64_t modified_ns = -1;
  {
    const py::gil_scoped_release waits_for_the_disk;
    modified_ns = reader.read(path, content);
  }
  return {py::bytes(reinterpret_cast<const char*>(content.data()), content.size()), modified_ns};
}

std::string skipped_in_words(std::int64_t skipped, std::map<std::string, std::int64_t> not_images) {
  SkippedFiles files;
  files.not_images = std::move(not_images);
  files.left_out = skipped - files.count();
  return in_words(files);
}

void bind_selection(py::module_& core) {
  using namespace py::literals;
  const auto texts_of = [](auto member) {
    return [member](const InputSelection& selection) { return to_texts(selection.options.*member); };
  };
  const auto field = [](auto member) {
    return [member](const InputSelection& selection) { return selection.options.*member; };
  };
  const py::tuple none;
  py::class_<InputSelection> selection(
      core, "InputSelection",
      "Paths of files, folders and archives, and the options that select among the files found.\n\nThe options don't "
      "apply to a given path itself, except the shard. A pattern has `*`, `?`, `[a-z]` and `[!a-z]`, which never match "
      "a slash. A pattern without a slash matches names at any depth. A pattern with a slash matches paths beneath the "
      "given folder or in the archive, and `**` matches any number of folders. \"name/\" matches a folder and "
      "everything in it.");
  selection
      .def(py::init(&make_selection), "paths"_a = none, "include"_a = none, "exclude"_a = none, "hidden"_a = false,
           "follow_links"_a = true, "shard"_a = std::pair<int, int>(1, 1), "list_path"_a = py::none(),
           "list_ends_in_nul"_a = false)
      .def_property_readonly(
          "paths", [](const InputSelection& value) { return to_texts(value.paths); },
          "Files, folders, archives (.tar, .tar.gz, .tar.bz2, .tar.xz, .tar.zst, .zip), \"shard.tar::cat.jpg\" for one "
          "image in an archive, shell patterns of paths, and \"-\" for one image on standard input.")
      .def_property_readonly("include", texts_of(&InputOptions::include),
                             "Only files that match one of these patterns are inputs; empty: all files.")
      .def_property_readonly("exclude", texts_of(&InputOptions::exclude),
                             "Files and folders that match one of these patterns are skipped.")
      .def_property_readonly("hidden", field(&InputOptions::hidden),
                             "Whether names that begin with a dot are included.")
      .def_property_readonly("follow_links", field(&InputOptions::follow_links),
                             "Whether symbolic links in folders are followed.")
      .def_property_readonly("shard", &shard_of,
                             "(i, n): the i-th of n shards of the inputs, from 1 on. A hash of the path beneath the "
                             "given folder or in the archive chooses the shard, the same on every machine.")
      .def_property_readonly(
          "list_path", &list_path_of,
          "A file of further paths, \"-\" for standard input, read during the run. Labels on a line are ignored.")
      .def_property_readonly("list_ends_in_nul", field(&InputOptions::list_ends_in_nul),
                             "Whether each path in the list ends in a NUL byte instead of a line end.")
      .def(
          "open", [](const InputSelection& value) { return std::make_unique<ImageFiles>(value.paths, value.options); },
          "Begin to find the inputs; iterate over the returned object for their paths. Raises ConfigError if a "
          "pattern, the shard or the list is wrong.")
      .def("check_any_is_there", &check_selection,
           "Raise ConfigError, with the reason for each path, if none of the paths exists. A list counts as existing.")
      .def(
          "in_words",
          [](const InputSelection& value) {
            return to_python_text(inputs_in_words(value.paths, value.options.list_path));
          },
          "Return the paths and the list as a phrase for people.")
      .def(
          "end_lines",
          [](const InputSelection& value, const RunSummary& summary, const std::vector<std::string>& command,
             const std::vector<std::string>& value_flags, bool quiet) {
            return to_python_texts(end_lines(summary, value.paths, value.options, {command, value_flags}, quiet));
          },
          "summary"_a, "command"_a, "value_flags"_a, "quiet"_a,
          "Say why a run over these inputs ended early, or had nothing to do.");
  const auto fields = [](const InputSelection& value) { return fields_of(value); };
  define_fields(selection, "InputSelection", kSelectionFields, fields);
  define_equality(selection, [fields](const InputSelection& one, const InputSelection& other) {
    return fields(one).equal(fields(other));
  });
  selection.def("__hash__", [fields](const InputSelection& value) { return py::hash(fields(value)); });
}

}  // namespace

void bind_image_files(py::module_& core) {
  using namespace py::literals;
  py::class_<ImageFiles> files(core, "ImageFiles");
  files
      .def(py::init([](std::vector<std::string> paths) { return std::make_unique<ImageFiles>(std::move(paths)); }),
           "paths"_a)
      .def("__iter__", [](py::object self) { return self; })
      .def("__next__", &next_path)
      .def_property_readonly("skipped", [](const ImageFiles& found) { return found.skipped().count(); })
      .def_property_readonly("not_images", [](const ImageFiles& found) { return found.skipped().not_images; })
      .def_property_readonly("reads_a_stream", &ImageFiles::reads_a_stream)
      .def_property_readonly("of_other_shards", &ImageFiles::of_other_shards);
  bind_selection(core);
  py::class_<MemberReader>(core, "MemberReader").def(py::init<>()).def("read", &read_member, "path"_a);
  core.def("parse_shard", &parse_shard, "text"_a);
  core.def("skipped_in_words", &skipped_in_words, "skipped"_a, "not_images"_a);
  core.def("archive_endings", &archive_endings);
  core.def("is_member_path", &is_member_path, "path"_a);
  core.def("has_image_ending", &has_image_ending, "name"_a);
}

}  // namespace ppinfer
