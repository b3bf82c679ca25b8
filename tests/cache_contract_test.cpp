// Which workspaces a trained head may serve.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>

#include "base/version.hpp"
#include "io/artifacts.hpp"
#include "io/folder_lock.hpp"
#include "io/provenance.hpp"
#include "profiles/history.hpp"
#include "profiles/serving_contract.hpp"
#include "support/cache_workspace.hpp"

namespace persona4rec {
namespace {

using test::CacheWorkspace;
using test::read_file;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Contract : public ::testing::Test {
 protected:
  Contract() {
    workspace_.options().encoder_folder = workspace_.dir() / "encoder";
    std::filesystem::create_directories(workspace_.options().encoder_folder);
    head_.user_mean = head_.persona_mean = std::vector<float>(16, 0.01F);
    head_.user_map.assign(256, 0.0F);
    for (std::size_t i = 0; i < 16; ++i) head_.user_map[i * 17] = 1;
    head_.persona_map = head_.user_map;
  }

  // As `train` writes it over the workspace's reviews under a split.
  void train_under(const SplitOptions& split) {
    const auto history =
        read_history({.input = workspace_.files().history(), .split = split, .output = workspace_.options().cache},
                     workspace_.texts());
    const auto& options = workspace_.options();
    ServingContract contract{.terms = terms_json({.profile = options.profile,
                                                  .persona_vectors = options.persona_vectors,
                                                  .center = true,
                                                  .liked_from = split.liked_from,
                                                  .words = options.words},
                                                 workspace_.texts()),
                             .alpha = 0.65,
                             .settings = split_settings(split),
                             .fit = {},
                             .chosen = {}};
    note_interactions(history.rows, contract);
    write_serving_contract(options.encoder_folder, contract);
  }
  void serve_under(const SplitOptions& split) {
    workspace_.options().split = split;
    workspace_.options().targets.clear();
  }
  std::string refusal() {
    try {
      workspace_.build(&head_);
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3) << error.what();
      return error.what();
    }
    return "served";
  }
  Json facts() { return Json::parse(read_file(meta_path(workspace_.options().cache)))["options"]; }

  CacheWorkspace workspace_;
  EncoderHead head_{.dimensions = 16};
};

const SplitOptions kLeaveOneOut;
const SplitOptions kNone{.policy = SplitPolicy::kNone};
const SplitOptions kReference{.policy = SplitPolicy::kReference};
SplitOptions temporal(std::int64_t valid_cutoff, std::int64_t cutoff) {
  return {.policy = SplitPolicy::kTemporal, .cutoff_ms = cutoff, .valid_cutoff_ms = valid_cutoff};
}

TEST_F(Contract, AHeadServesTheWorkspaceThatItWasTrainedOn) {
  train_under(kLeaveOneOut);
  EXPECT_EQ(refusal(), "served");
  EXPECT_EQ(facts()["head_contract"]["alpha"], 0.65);
  EXPECT_FALSE(facts().contains("head_breaches"));
}

TEST_F(Contract, AHeadOfLeaveOneOutServesUnderNone) {
  train_under(kLeaveOneOut);
  serve_under(kNone);
  EXPECT_EQ(refusal(), "served");
}

TEST_F(Contract, AHeadOfAnEarlierCutoffServesALaterOneAndNotTheOtherWayRound) {
  train_under(temporal(2, 3));
  serve_under(temporal(4, 5));
  EXPECT_EQ(refusal(), "served");
  train_under(temporal(4, 5));
  serve_under(temporal(2, 3));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("test targets"), HasSubstr("valid targets"), HasSubstr("--split temporal")));
}

TEST_F(Contract, TheValidTargetsThatChoseTheEpochAreNoTestTargets) {
  train_under(temporal(3, 4));
  serve_under(temporal(2, 3));
  EXPECT_THAT(refusal(), HasSubstr("choice of the epoch saw"));
}

TEST_F(Contract, HeadsOfNoneAndReferenceMayNotRankTestUsers) {
  for (const auto& split : {kNone, kReference}) {
    train_under(split);
    const auto message = refusal();
    EXPECT_THAT(message, AllOf(HasSubstr("of the 2 test targets"), HasSubstr("--split " + to_string(split.policy)),
                               HasSubstr("--force")));
    workspace_.options().force = true;
    EXPECT_EQ(refusal(), "served");
    EXPECT_EQ(facts()["head_leaks"], true);
    EXPECT_FALSE(facts()["head_breaches"].empty());
    workspace_.options().force = false;
  }
}

TEST_F(Contract, AReferenceHeadServesItsOwnLeakyProtocol) {
  train_under(kReference);
  serve_under(kReference);
  EXPECT_EQ(refusal(), "served");
}

TEST_F(Contract, DataWithoutWhatTheFitSawAreRefused) {
  train_under(kNone);
  workspace_.said().pop_back();
  workspace_.write();
  serve_under(kNone);
  EXPECT_THAT(refusal(), HasSubstr("1 interactions that this workspace does not have"));
}

TEST_F(Contract, UidsWithTextAreComparedWithoutIt) {
  train_under(kLeaveOneOut);
  workspace_.options().uid_with_text = true;
  EXPECT_EQ(refusal(), "served");
}

struct Difference {
  const char* name;
  std::function<void(CacheOptions&)> make;
};
class ContractDifference : public Contract, public ::testing::WithParamInterface<Difference> {};

TEST_P(ContractDifference, IsRefused) {
  train_under(kLeaveOneOut);
  GetParam().make(workspace_.options());
  EXPECT_THAT(refusal(), AllOf(HasSubstr("may not serve"), HasSubstr(GetParam().name)));
  workspace_.options().force = true;
  EXPECT_EQ(refusal(), "served");
  EXPECT_EQ(facts()["head_leaks"], false) << "another profile is no leak";
}

INSTANTIATE_TEST_SUITE_P(
    Terms, ContractDifference,
    ::testing::Values(Difference{"profile", [](CacheOptions& options) { options.profile.side = ProfileSide::kOwn; }},
                      Difference{"k_recent", [](CacheOptions& options) { options.profile.k_recent = 3; }},
                      Difference{"gamma", [](CacheOptions& options) { options.profile.gamma = 0.5; }},
                      Difference{"persona_vectors",
                                 [](CacheOptions& options) { options.persona_vectors = PersonaVectors::kText; }},
                      Difference{"liked_from", [](CacheOptions& options) { options.split.liked_from = 2; }},
                      Difference{"words", [](CacheOptions& options) { options.words.min_documents = 2; }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(Contract, OtherProfileTextsAreRefused) {
  train_under(kLeaveOneOut);
  test::FakeTextEncoder encoder(16);
  const ProfileText texts(
      {.prompts = test::source_dir() / "prompts" / "generic", .interaction = InteractionText::kAspects});
  try {
    build_cache(workspace_.options(), texts, encoder, &head_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), HasSubstr("profile texts"));
  }
}

TEST_F(Contract, StopListsAreComparedByTheirBytes) {
  workspace_.options().words.stop_words = workspace_.dir().write("stop.txt", "harp\n");
  train_under(kLeaveOneOut);
  workspace_.options().words.stop_words = workspace_.dir().write("same.txt", "harp\n");
  EXPECT_EQ(refusal(), "served");
  EXPECT_THAT(facts()["stop_words"].get<std::string>(), HasSubstr("sha256:"));
  (void)workspace_.dir().write("same.txt", "drums\n");
  EXPECT_THAT(refusal(), HasSubstr("words"));
}

TEST_F(Contract, AHeadWithoutAContractIsRefusedWithTheCommandToRerun) {
  EXPECT_THAT(refusal(), HasSubstr("run `persona4rec train` again"));
  workspace_.options().force = true;
  EXPECT_EQ(refusal(), "served");
}

TEST_F(Contract, BrokenContractsAreErrorsWithTheirFile) {
  train_under(kLeaveOneOut);
  const auto folder = workspace_.options().encoder_folder;
  const auto json = read_file(folder / "serving_contract.json");
  const auto uids = read_file(folder / "serving_contract.u64");
  const auto change = [&](const char* key, const Json& value) {
    Json changed = Json::parse(json);
    changed[key] = value;
    return changed.dump();
  };
  for (const auto& broken :
       {change("fit", 1U << 30U), change("fit", "many"), change("terms", 3), change("sha256", ""),
        change("alpha", nullptr), change("settings", Json::array()), change("settings", Json::array()).substr(0, 40)}) {
    write_file(folder / "serving_contract.json", broken);
    EXPECT_THAT(refusal(), HasSubstr("serving_contract")) << broken;
  }
  write_file(folder / "serving_contract.json", change("format", 2));
  EXPECT_THAT(refusal(), HasSubstr("which this version cannot read"));
  write_file(folder / "serving_contract.json", json);
  for (const auto& broken : {uids.substr(8), uids.substr(3), uids + "x", std::string()}) {
    write_file(folder / "serving_contract.u64", broken);
    EXPECT_THAT(refusal(), HasSubstr("serving_contract.u64"));
  }
}

TEST(Writers, TheSecondInAWorkspaceIsRefused) {
  CacheWorkspace workspace;
  {
    const auto first = FolderLock::only_writer(workspace.dir().path());
    try {
      workspace.build();
      FAIL() << "two writers in one workspace";
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 1);
      EXPECT_THAT(error.what(), AllOf(HasSubstr("another run of persona4rec (process " + std::to_string(::getpid())),
                                      HasSubstr("is writing here")));
    }
    EXPECT_FALSE(std::filesystem::exists(meta_path(workspace.options().cache)));
  }
  EXPECT_NO_THROW(workspace.build());
}

TEST(Versions, ArtifactsOfANewerMajorVersionAreRefused) {
  EXPECT_TRUE(is_newer_major("9.0.0"));
  EXPECT_FALSE(is_newer_major(version()));
  EXPECT_FALSE(is_newer_major(""));
  CacheWorkspace workspace;
  const auto meta = [&](const char* made_by) {
    write_file(meta_path(workspace.files().history()), Json({{"version", made_by}, {"command", "prepare"}}).dump());
  };
  meta("9.0.0");
  try {
    workspace.build();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("persona4rec 9.0.0"), HasSubstr("3.5_history.jsonl")));
  }
  meta("0.0.9");
  EXPECT_NO_THROW(workspace.build());
}

}  // namespace
}  // namespace persona4rec
