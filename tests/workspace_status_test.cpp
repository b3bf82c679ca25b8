// What a workspace's meta and run files say about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "base/hash.hpp"
#include "io/artifacts.hpp"
#include "io/invocation.hpp"
#include "io/provenance.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"
#include "workspace/workspace_status.hpp"

namespace persona4rec {
namespace {

using ::testing::HasSubstr;

class Status : public ::testing::Test {
 protected:
  Status() {
    make_aspects();
    make_summary();
    make_personas();
  }
  ~Status() override { set_invocation({}); }

  void make_aspects(const std::string& rows = "{\"a\":1}\n") {
    make("1_aspects.jsonl", "extract-aspects", {{"reviews", raw_}}, rows);
  }
  void make_summary() { make("2_summary.jsonl", "summarize", {{"reviews", raw_}}, "{\"s\":1}\n"); }
  void make_personas() {
    make("3_personas.jsonl", "personas", {{"1_aspects", dir_ / "1_aspects.jsonl"}}, "{\"p\":1}\n");
  }

  void make(const std::string& name, const std::string& command,
            const std::vector<std::pair<std::string, std::filesystem::path>>& inputs, const std::string& rows) {
    set_invocation(call(command));
    Provenance provenance(command, false);
    for (const auto& [role, path] : inputs) provenance.input(role, path);
    const auto path = dir_.write(name, rows);
    provenance.write(path, path.stem().string(), sha256_file(path), 1);
  }
  static Invocation call(const std::string& command) {
    return {.arguments = {command, "--seed", "1 2"}, .folder = std::filesystem::current_path().string()};
  }

  [[nodiscard]] WorkspaceStatus status(bool verify = false) const { return workspace_status(dir_.path(), verify); }
  [[nodiscard]] ArtifactStatus of(const std::string& name, bool verify = false) const {
    for (auto& artifact : status(verify).artifacts) {
      if (artifact.name == name) return artifact;
    }
    ADD_FAILURE() << name << " is no artifact";
    return {};
  }

  test::TempDir dir_;
  std::filesystem::path raw_ = dir_.write("raw.jsonl", "{\"r\":1}\n");
};

TEST_F(Status, WhatStandsOnItsInputsIsFresh) {
  for (const auto* name : {"1_aspects", "2_summary", "3_personas"}) {
    EXPECT_EQ(of(name, true).state, ArtifactState::kFresh) << of(name).why;
  }
  EXPECT_EQ(of("3_personas").rows, 1U);
  EXPECT_EQ(of("cache").state, ArtifactState::kMissing);
}

TEST_F(Status, AChangedInputMakesAllThatStandsOnItStale) {
  (void)dir_.write("raw.jsonl", "{\"r\":2}\n{\"r\":3}\n");
  EXPECT_THAT(of("1_aspects").why, HasSubstr("raw.jsonl) changed"));
  EXPECT_THAT(of("3_personas").why, HasSubstr("stands on 1_aspects"));
}

TEST_F(Status, ATouchedInputOfTheSameBytesChangesNothing) {
  std::filesystem::last_write_time(raw_, std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_EQ(of("1_aspects").state, ArtifactState::kFresh) << of("1_aspects").why;
}

TEST_F(Status, AnInputMadeAgainIsNoticedByItsHash) {
  make_aspects("{\"a\":2}\n");
  EXPECT_EQ(of("3_personas").why, "1_aspects was made again");
}

TEST_F(Status, AnArtifactChangedByHandIsStale) {
  const auto path = dir_ / "2_summary.jsonl";
  const auto made = std::filesystem::last_write_time(meta_path(path));
  (void)dir_.write("2_summary.jsonl", "{\"s\":2}\n");
  std::filesystem::last_write_time(path, made + std::chrono::seconds(2));
  EXPECT_EQ(of("2_summary").why, "changed after it was made");
  std::filesystem::last_write_time(path, made - std::chrono::seconds(2));
  EXPECT_EQ(of("2_summary").state, ArtifactState::kFresh) << "by its time alone";
  EXPECT_EQ(of("2_summary", true).state, ArtifactState::kStale) << "by its bytes";
}

TEST_F(Status, AFileWithoutAMetaFileIsForeign) {
  (void)dir_.write("candidate.test.jsonl", "{}\n");
  EXPECT_EQ(of("candidate.test").state, ArtifactState::kForeign);
}

TEST_F(Status, AnInputThatIsGoneLeavesWhatWasMadeOfIt) {
  std::filesystem::remove(raw_);
  EXPECT_EQ(of("1_aspects").state, ArtifactState::kFresh) << of("1_aspects").why;
}

TEST_F(Status, TheNextCommandIsTheOneThatRanOrTheFirstThatDidNot) {
  EXPECT_THAT(status().next, HasSubstr("persona4rec prepare --workspace "));
  make_aspects("{\"a\":2}\n");
  EXPECT_EQ(status().next, "persona4rec personas --seed '1 2'");
}

TEST_F(Status, ACallIsDoneWhereItMadeAllOfItsArtifactsAndTheyAreFresh) {
  const auto done = [&](const Invocation& invocation) {
    set_invocation(invocation);
    return already_done(dir_.path(), "extract-aspects");
  };
  EXPECT_TRUE(done(call("extract-aspects")));
  auto other = call("extract-aspects");
  other.arguments.push_back("--force");
  EXPECT_FALSE(done(other)) << "other flags";
  other = call("extract-aspects");
  other.config_sha256 = "c";
  EXPECT_FALSE(done(other)) << "another config";
  (void)dir_.write("raw.jsonl", "{\"r\":22}\n");
  EXPECT_FALSE(done(call("extract-aspects"))) << "other reviews";
  set_invocation(call("personas"));
  make("3_personas.jsonl", "personas", {{"1_aspects", dir_ / "1_aspects.jsonl"}}, "{\"p\":1}\n");
  EXPECT_FALSE(already_done(dir_.path(), "personas")) << "2.5_grouped is missing";
}

TEST_F(Status, RefusesAFolderThatIsNone) {
  EXPECT_THAT(test::input_error_of([&] { (void)workspace_status(dir_ / "nowhere", false); }), HasSubstr("--workspace"));
}

TEST_F(Status, TheTableAndTheJsonSayTheSame) {
  const auto found = status();
  EXPECT_THAT(status_table(found), HasSubstr("next: persona4rec prepare"));
  const Json json = to_json(found);
  EXPECT_EQ(json["artifacts"].size(), found.artifacts.size());
  EXPECT_EQ(json["artifacts"][0]["state"], "fresh");
}

}  // namespace
}  // namespace persona4rec
