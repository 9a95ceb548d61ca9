// The program clas_system: parse the arguments, run, return an exit code.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "arguments.h"
#include "help.h"
#include "interrupt.h"
#include "ppinfer/config.h"
#include "ppinfer/error.h"
#include "ppinfer/image_files.h"
#include "ppinfer/run.h"
#include "ppinfer/run_text.h"
#include "ppinfer/terminal.h"
#include "progress.h"

namespace ppinfer {
namespace {

enum ExitCode { kAllFine = 0, kNotDone = 2 };  // others are exit_code()'s

// Opens /dev/null in the place of each closed standard stream. Otherwise the next file opened, such as a manifest,
// would get the stream's number and the stream's text.
void occupy_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) >= 0) continue;
    static_cast<void>(open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));  // the lowest number is taken
  }
}

// One line for every text: line ends in the text are escaped.
void say(const std::string& text) { std::fprintf(stderr, "clas_system: %s\n", shown(text).c_str()); }

void say(const std::exception& error) {
  const auto* several = dynamic_cast<const ConfigError*>(&error);
  if (several == nullptr) return say(std::string(error.what()));
  for (const std::string& problem : several->problems()) say(problem);
}

int print(const std::string& text) {
  const bool printed = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return printed ? kAllFine : kNotDone;
}

// No progress line on a terminal that shows the records: the line would mix with them.
bool progress_is_shown(const Arguments& arguments) {
  const bool records_on_terminal = arguments.run.output_path == "-" && isatty(STDOUT_FILENO) == 1;
  return !arguments.quiet && !records_on_terminal && isatty(STDERR_FILENO) == 1;
}

RunSummary run(Predictor& predictor, ImageFiles& files, const Arguments& arguments) {
  RunOptions options = arguments.run;
  note_interrupts();
  options.counts_ahead = progress_is_shown(arguments);
  Progress progress(options.counts_ahead);
  return write_records(predictor, files, options, [&progress](const RunSummary& so_far) {
    progress.show(so_far);
    return !interrupted();
  });
}

int classify(const Arguments& arguments) {
  if (arguments.run.output_path != "-" || !arguments.run.errors_path.empty()) {
    check_any_is_there(arguments.image_paths, arguments.inputs);
  }
  Predictor predictor(arguments.config_path.empty() ? Config::from_overrides(arguments.overrides)
                                                    : Config::from_file(arguments.config_path, arguments.overrides));
  if (!arguments.quiet) {
    for (const std::string& notice : predictor.notices()) say("note: " + notice);
  }
  ImageFiles files(arguments.image_paths, arguments.inputs);
  const RunSummary summary = run(predictor, files, arguments);
  const auto note = [&](const std::string& text) {
    if (!arguments.quiet) say("note: " + text);
  };
  for (const std::string& notice : summary.notices) note(notice);
  for (const std::string& refusal : summary.moved.refused) say(refusal);
  if (summary.nothing_to_resume) note("no stopped run to resume; started over");
  for (const std::string& line :
       end_lines(summary, arguments.image_paths, arguments.inputs, arguments.command, arguments.quiet)) {
    line.front() == ' ' ? static_cast<void>(std::fprintf(stderr, "%s\n", shown(line).c_str())) : say(line);
  }
  if (!arguments.quiet && summary.images_in_all() > 0) say(summary_sentence(summary, arguments.run.output_path));
  return exit_code(summary);
}

int perform(const Arguments& arguments) {
  switch (arguments.action) {
    case Arguments::Action::kShowHelp:
      return print(arguments.help);
    case Arguments::Action::kShowKeys:
      return print(keys_text());
    case Arguments::Action::kShowVersion:
      return print(version_text());
    case Arguments::Action::kClassify:
      return classify(arguments);
  }
  return kNotDone;
}

}  // namespace
}  // namespace ppinfer

int main(int argc, char** argv) {
  using namespace ppinfer;
  occupy_standard_streams();
  std::signal(SIGPIPE, SIG_DFL);  // `| head` ends the program without a message, even if the parent ignores SIGPIPE
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its size limit is an error with a message
  try {
    return perform(parse_arguments(argc, argv));
  } catch (const UsageError& error) {
    say(error);
    std::fprintf(stderr, "%s%s\n", kUsage, "See clas_system --help.");
  } catch (const std::bad_alloc&) {
    say("out of memory");
  } catch (const std::exception& error) {
    say(error);
  }
  return kNotDone;
}
