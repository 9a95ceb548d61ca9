#include "arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "core/file_names.h"
#include "core/message_text.h"
#include "help.h"
#include "input_flags.h"
#include "ppinfer/image.h"
#include "ppinfer/model_place.h"

namespace ppinfer {
namespace {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override { return std::string("\n") + kUsage; }
};

class FlagParser {
 public:
  FlagParser() : app_(description(), "clas_system"), input_flags_(app_) {
    arguments_.run.format = RecordFormat::kText;
    app_.formatter(std::make_shared<HelpFormatter>());
    app_.get_formatter()->column_width(28);
    app_.set_help_flag("-h,--help", "Print this help and exit");
    app_.add_flag("--keys", show_keys_, "List every key of the config and exit");
    app_.add_flag("--version", show_version_, "Print the versions of ppinfer and its engines and exit");
    add_model_options();
    add_output_options();
    app_.footer(explanations());
    // CLI11 would take a path like "[a,b]" apart if paths were an option of its own.
    app_.allow_extras();
  }

  Arguments parse(int argc, const char* const* argv) {
    arguments_.command = {{argv, argv + argc}, value_flags()};
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      arguments_.action = Arguments::Action::kShowHelp;
      arguments_.help = app_.help();
      return arguments_;
    } catch (const CLI::ParseError& error) {
      throw UsageError({error.what()});
    }
    if (show_keys_) arguments_.action = Arguments::Action::kShowKeys;
    if (show_version_) arguments_.action = Arguments::Action::kShowVersion;
    if (arguments_.action != Arguments::Action::kClassify) return arguments_;
    take_paths();
    take_overrides();
    take_format();
    take_max_errors();
    take_sort_by();
    arguments_.inputs = input_flags_.take(problems_);
    if (problems_.empty()) find_config();
    if (problems_.empty()) check_run();
    if (!problems_.empty()) throw UsageError(problems_);
    return arguments_;
  }

 private:
  void add_model_options() {
    constexpr const char* kGroup = "Model";
    app_.add_option("-c,--config", arguments_.config_path, "Read the config from CONFIG")
        ->option_text("CONFIG")
        ->group(kGroup);
    app_.add_option("-m,--model", model_,
                    "Use this model file or folder, with the config.txt that `ppinfer convert` or `quantize` wrote in "
                    "the folder")
        ->option_text("MODEL")
        ->group(kGroup);
    app_.add_option("-o,--override", overrides_, "Set one key of the config; repeatable")
        ->option_text("KEY=VALUE")
        ->allow_extra_args(false)
        ->group(kGroup);
  }

  void add_output_options() {
    constexpr const char* kGroup = "Output";
    app_.add_option("--output", arguments_.run.output_path,
                    "Write records to FILE, which is replaced atomically at the end; until then, FILE.part has the "
                    "records. Default: -, standard output")
        ->option_text("FILE")
        ->group(kGroup);
    app_.add_option(
            "--format", format_,
            "Record format: text (for people), jsonl, csv, or spreadsheet: CSV with ' in front of fields that a "
            "spreadsheet would run as formulas. Default: from FILE's extension, else text")
        ->option_text("FORMAT")
        ->group(kGroup);
    app_.add_option("--errors", arguments_.run.errors_path, "Also write the records of images that failed to FILE")
        ->option_text("FILE")
        ->group(kGroup);
    app_.add_option("--max-errors", max_errors_,
                    "Stop with exit code 3 if more than N images fail, or more than P% after 100 images")
        ->option_text("N|P%")
        ->group(kGroup);
    app_.add_flag("--resume", arguments_.run.resume, "Resume a stopped run from its FILE.part")->group(kGroup);
    app_.add_flag("--force", arguments_.run.force, "Start over and delete the FILE.part of a stopped run")
        ->group(kGroup);
    app_.add_option("--sort-into", arguments_.run.sort_into, "Put each image into DIR/LABEL, of its top-1 class")
        ->option_text("DIR")
        ->group(kGroup);
    app_.add_option("--by", sort_by_, "Sort by copy, hardlink or symlink; links take no space")
        ->option_text("WAY")
        ->group(kGroup);
    app_.add_option("--move-errors", arguments_.run.move_errors,
                    "Move images that can't be decoded into DIR at the end of the run")
        ->option_text("DIR")
        ->group(kGroup);
    app_.add_flag("-q,--quiet", arguments_.quiet, "Print only errors, without notices, progress and summary")
        ->group(kGroup);
  }

  void take_paths() {
    const std::vector<std::string> extras = app_.remaining();
    bool only_paths = false;
    for (auto extra = extras.begin(); extra != extras.end(); ++extra) {
      if (!only_paths && *extra == "--") {
        only_paths = true;
      } else if (!only_paths && is_flag(*extra)) {
        const std::size_t equals = extra->find('=');
        const std::string flag = extra->substr(0, equals);
        const std::string key = key_of(flag);
        const bool value_follows = equals == std::string::npos && extra + 1 != extras.end() && !is_flag(extra[1]);
        const std::string value = value_follows                 ? extra[1]
                                  : equals == std::string::npos ? "VALUE"
                                                                : extra->substr(equals + 1);
        if (!key.empty() && value_follows) ++extra;  // the value of the key, not a path
        problems_.push_back("unknown flag " + flag +
                            (key.empty() ? did_you_mean(flag, flags()) : ": keys are set by -o " + key + "=" + value));
      } else {
        arguments_.image_paths.push_back(*extra);
      }
    }
  }

  static bool is_flag(const std::string& argument) { return argument.size() > 1 && argument[0] == '-'; }

  // The config key with the name of a flag. Empty: none.
  static std::string key_of(const std::string& flag) {
    std::string name = flag.substr(std::min(flag.size(), flag.find_first_not_of('-')));
    std::replace(name.begin(), name.end(), '-', '_');
    for (const FieldInfo& field : config_fields()) {
      if (field.name == name) return name;
    }
    return "";
  }

  static bool sets_model(const Override& set) {
    const std::vector<FieldInfo> fields = config_fields();
    return std::any_of(fields.begin(), fields.end(),
                       [&set](const FieldInfo& field) { return field.names_model && field.name == set.key; });
  }

  std::vector<std::string> flags() const {
    std::vector<std::string> names;
    for (const CLI::Option* option : app_.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
  }

  std::vector<std::string> value_flags() const {
    std::vector<std::string> names;
    for (const CLI::Option* option : app_.get_options()) {
      if (option->get_items_expected_min() == 0) continue;
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    }
    return names;
  }

  void take_overrides() {
    for (const std::string& text : overrides_) {
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos || equals == 0) {
        problems_.push_back("-o " + text + ": expected KEY=VALUE, such as -o " +
                            (equals == 0 || text.empty() ? "topk" : text) + "=1");
        continue;
      }
      arguments_.overrides.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
  }

  void take_format() {
    if (!format_) return take_format_from_extension(arguments_.run.output_path);
    try {
      arguments_.run.format = parse_record_format(*format_);
    } catch (const ConfigError&) {
      problems_.push_back("--format " + *format_ + ": expected text, jsonl, csv or spreadsheet");
    }
  }

  void take_format_from_extension(const std::string& output) {
    try {
      const std::string format = format_from_extension(output);
      if (format == "parquet" || format == "npy") {
        problems_.push_back("--output " + output + ": expected .txt, .jsonl or .csv; `ppinfer classify` writes " +
                            format);
      } else if (!format.empty()) {
        arguments_.run.format = parse_record_format(format);
      }
    } catch (const ConfigError& error) {
      problems_.push_back(std::string("--output ") + error.what());
    }
  }

  void take_max_errors() {
    if (max_errors_.empty()) return;
    try {
      arguments_.run.limit = parse_error_limit("--max-errors", max_errors_);
    } catch (const ConfigError& error) {
      problems_.emplace_back(error.what());
    }
  }

  void take_sort_by() {
    if (sort_by_.empty()) return;
    if (arguments_.run.sort_into.empty()) problems_.push_back("--by " + sort_by_ + ": expected --sort-into DIR, too");
    try {
      arguments_.run.sort_by = parse_sort_by(sort_by_);
    } catch (const ConfigError&) {
      problems_.push_back("--by " + sort_by_ + ": expected copy, hardlink or symlink");
    }
  }

  // Only names decide, so that the error of a wrong path says whether a config or an image was expected.
  void find_config() {
    std::vector<std::string>& paths = arguments_.image_paths;
    const bool names_model =
        !model_.empty() || std::any_of(arguments_.overrides.begin(), arguments_.overrides.end(), sets_model);
    const bool first_is_config =
        arguments_.config_path.empty() && !paths.empty() && (!names_model || has_config_ending(paths.front()));
    if (first_is_config) {
      const std::string first = paths.front();
      std::error_code ignored;
      if (has_image_ending(first) || std::filesystem::is_directory(first, ignored)) {
        problems_.push_back("no config: the first argument is " + first +
                            ", expected a config file before the images, -c CONFIG, or -m MODEL");
        return;
      }
      arguments_.config_path = first;
      paths.erase(paths.begin());
    }
    take_model();
    if (paths.empty() && arguments_.inputs.list_path.empty()) {
      problems_.push_back("no images: expected at least one image, folder or archive, or a --list of paths");
    }
  }

  void take_model() {
    if (model_.empty()) return;
    const ModelPlace place = model_place(model_);
    if (arguments_.config_path.empty() && !place.config_path.empty()) {
      arguments_.config_path = place.config_path;
    } else {
      arguments_.overrides.insert(arguments_.overrides.begin(),
                                  {place.key.empty() ? "model_dir" : place.key, model_, "-m"});
    }
  }

  void check_run() {
    const RunOptions& run = arguments_.run;
    for (const auto& [flag, folder] :
         {std::pair("--sort-into", run.sort_into), std::pair("--move-errors", run.move_errors)}) {
      if (app_.count(flag) > 0 && folder.empty()) {
        problems_.push_back(std::string(flag) + ": expected the name of a folder, got an empty one");
      }
    }
    if (arguments_.run.resume && arguments_.run.force) {
      problems_.push_back("--resume and --force: expected one of them, to resume or to start over");
    }
    check_output("--output", arguments_.run.output_path);
    check_output("--errors", arguments_.run.errors_path);
  }

  void check_output(const std::string& flag, const std::string& path) {
    const std::string clobbered = clobbered_input(path, arguments_.inputs.list_path, arguments_.config_path);
    if (clobbered.empty()) return;
    problems_.push_back(flag + " " + path + ": that is " + clobbered +
                        ", expected a file for records, such as records.jsonl");
  }

  CLI::App app_;
  InputFlags input_flags_;
  Arguments arguments_;
  std::vector<std::string> overrides_;
  std::string model_;
  std::optional<std::string> format_;
  std::string max_errors_;
  std::string sort_by_;
  bool show_keys_ = false;
  bool show_version_ = false;
  std::vector<std::string> problems_;
};

}  // namespace

Arguments parse_arguments(int argc, const char* const* argv) { return FlagParser().parse(argc, argv); }

}  // namespace ppinfer
