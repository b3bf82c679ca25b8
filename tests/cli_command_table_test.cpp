// What holds for every command: the table is the pipeline, and a flag means the same wherever it stands.
#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <map>
#include <set>

#include "cli/command_table.hpp"
#include "cli/suggest.hpp"

namespace persona4rec {
namespace {

// Flags whose meaning or default belongs to the command.
const std::set<std::string> kOwn = {"--help",          "--output", "--temperature", "--max-tokens",
                                    "--prompt-tokens", "--alpha",  "--candidates"};

TEST(CommandTable, IsInPipelineOrderWithHelpersLast) {
  int last = 0;
  std::set<std::string> names;
  for (const auto& command : make_commands()) {
    const CommandInfo& info = command->info();
    EXPECT_TRUE(names.insert(info.name).second) << info.name << " stands twice";
    const int stage = info.stage == 0 ? 10 : info.stage;
    EXPECT_GE(stage, last) << info.name;
    last = stage;
    for (const std::string& text : {info.summary, info.reads, info.writes, info.needs, info.example}) {
      EXPECT_FALSE(text.empty()) << info.name;
    }
    EXPECT_NE(info.example.find("persona4rec " + info.name), std::string::npos) << info.name;
  }
}

TEST(CommandTable, EveryFlagIsExplainedGroupedAndRead) {
  for (const auto& command : make_commands()) {
    CLI::App app;
    app.option_defaults()->always_capture_default();
    command->add_flags(app);
    for (const CLI::Option* option : app.get_options()) {
      const std::string flag = command->info().name + " " + option->get_name();
      if (option == app.get_help_ptr()) continue;
      EXPECT_FALSE(option->get_description().empty()) << flag;
      if (option->nonpositional()) {
        EXPECT_NE(option->get_group(), "Options") << flag << " has no group";
      }
      // CLI11's own number reading is not strict: add_number is (flags/values.hpp).
      const std::set<std::string> raw = {"INT", "UINT", "FLOAT"};
      EXPECT_FALSE(raw.contains(option->get_type_name())) << flag << ": use add_number";
    }
  }
}

TEST(CommandTable, AFlagMeansTheSameEverywhere) {
  struct Meaning {
    std::string type, standard, description, command;
  };
  std::map<std::string, Meaning> meanings;
  for (const auto& command : make_commands()) {
    CLI::App app;
    app.option_defaults()->always_capture_default();
    command->add_flags(app);
    for (const CLI::Option* option : app.get_options()) {
      if (!option->nonpositional() || kOwn.contains(option->get_name())) continue;
      const Meaning meaning{option->get_type_name(), option->get_default_str(), option->get_description(),
                            command->info().name};
      const auto [first, is_new] = meanings.emplace(option->get_name(), meaning);
      if (is_new) continue;
      const std::string where = option->get_name() + " of " + meaning.command + " and " + first->second.command;
      EXPECT_EQ(meaning.type, first->second.type) << where;
      EXPECT_EQ(meaning.standard, first->second.standard) << where;
      EXPECT_EQ(meaning.description, first->second.description) << where;
    }
  }
}

TEST(Suggestions, FindTheNearWord) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("topk", "topk"), 0U);
  EXPECT_EQ(edit_distance("tokp", "topk"), 1U) << "a swap is one edit";
  EXPECT_EQ(did_you_mean("topl", {"topk", "seed"}, "--"), "; did you mean --topk?");
  EXPECT_EQ(did_you_mean("xyzzy", {"topk", "seed"}), "");
  EXPECT_EQ(did_you_mean("ab", {"cd"}), "");
}

}  // namespace
}  // namespace persona4rec
