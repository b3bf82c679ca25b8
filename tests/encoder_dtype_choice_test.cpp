#include "encoder/dtype_choice.hpp"

#include <gtest/gtest.h>

#include "persona4rec/json.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

EncoderOptions automatic(const std::filesystem::path& choice) {
  return {.folder = encoder_golden("tiny_bert"), .dtype = EncoderDtype::kAuto, .dtype_choice = choice};
}

std::string fingerprint(EncoderDtype dtype) {
  return open_text_encoder({.folder = encoder_golden("tiny_bert"), .dtype = dtype})->fingerprint();
}

TEST(DtypeChoice, TakesF32WhereBf16GainsLessThanATenth) {
  EXPECT_EQ(faster_dtype({.f32_s = 1, .bf16_s = 0.5}), ComputeDtype::kBf16);
  EXPECT_EQ(faster_dtype({.f32_s = 1, .bf16_s = 0.9}), ComputeDtype::kBf16);
  EXPECT_EQ(faster_dtype({.f32_s = 1, .bf16_s = 0.91}), ComputeDtype::kF32);
  EXPECT_EQ(faster_dtype({.f32_s = 1, .bf16_s = 1.75}), ComputeDtype::kF32);
}

TEST(DtypeChoice, MeasuresAFewMillisecondsOfTheModelsOwnProducts) {
  const ProductTimes times = time_products(read_model_config(encoder_golden("tiny_bert")));
  EXPECT_GT(times.f32_s, 0);
  EXPECT_GT(times.bf16_s, 0);
}

TEST(DtypeChoice, StandsInTheWorkspaceForEveryLaterRun) {
  const TempDir dir;
  const auto choice = dir / "workspace/encoder.dtype.json";
  const std::string first = open_text_encoder(automatic(choice))->fingerprint();
  Json choices = Json::parse(read_file(choice));
  ASSERT_EQ(choices.size(), 1U);
  for (const auto& [name, dtype] : {std::pair{"f32", EncoderDtype::kF32}, {"bf16", EncoderDtype::kBf16}}) {
    if (choices.front() == name) {
      EXPECT_EQ(first, fingerprint(dtype));
    }
  }
  for (const auto& [name, dtype] : {std::pair{"f32", EncoderDtype::kF32}, {"bf16", EncoderDtype::kBf16}}) {
    choices.front() = name;  // as another run, on another machine, may have chosen
    (void)dir.write("workspace/encoder.dtype.json", choices.dump());
    EXPECT_EQ(open_text_encoder(automatic(choice))->fingerprint(), fingerprint(dtype));
  }
}

TEST(DtypeChoice, OneModelsChoiceIsNotAnothers) {
  const TempDir dir;
  const auto path = dir.write("choice", R"({"24 layers of 1024 and 4096": "bf16"})");
  (void)open_text_encoder(automatic(path));
  EXPECT_EQ(Json::parse(read_file(path)).size(), 2U);
}

TEST(DtypeChoice, WhatTheOptionsSayIsTakenAndLeavesNoChoice) {
  const TempDir dir;
  EncoderOptions options = automatic(dir / "choice");
  for (const EncoderDtype dtype : {EncoderDtype::kF32, EncoderDtype::kBf16}) {
    options.dtype = dtype;
    EXPECT_EQ(open_text_encoder(options)->fingerprint(), fingerprint(dtype));
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "choice"));
}

TEST(DtypeChoice, AChoiceThatCannotBeReadIsAnError) {
  const TempDir dir;
  (void)open_text_encoder(automatic(dir / "choice"));
  Json choices = Json::parse(read_file(dir / "choice"));
  choices.front() = "f64";
  for (const std::string& bytes : {std::string("[]"), std::string("{"), choices.dump()}) {
    expect_error(ErrorKind::kInput, {"choice", "expected"},
                 [&] { (void)open_text_encoder(automatic(dir.write("choice", bytes))); });
  }
}

}  // namespace
}  // namespace persona4rec::test
