// An encoder that opens its model when something has to be computed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "encoder/store/lazy_encoder.hpp"
#include "persona4rec/encoder.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

class OpenedLazily : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<TextEncoder> open() {
    return open_lazy_encoder(options_, {.encoder =
                                            [this](const EncoderOptions& options) {
                                              ++whole_;
                                              return open_text_encoder(options);
                                            },
                                        .computing =
                                            [this](const EncoderOptions& options, const OpenedModel& model) {
                                              ++computing_;
                                              return open_computing_encoder(options, model);
                                            }});
  }
  static std::vector<float> values(TextEncoder& encoder, const std::vector<std::string>& texts) {
    return encoder.encode(texts, {}).values;
  }

  TempDir dir_;
  EncoderOptions options_{.folder = encoder_golden("tiny_bert"),
                          .text_store = dir_ / "store",
                          .dtype = EncoderDtype::kF32,
                          .device = "cpu"};
  int whole_ = 0;
  int computing_ = 0;
};

TEST_F(OpenedLazily, OpensNoModelWhereEveryVectorIsStored) {
  const std::vector<std::string> texts = {"a harp", "and voices", "a harp"};
  const auto expected = values(*open_text_encoder(options_), texts);
  const auto encoder = open();
  EXPECT_EQ(values(*encoder, texts), expected);
  EXPECT_EQ(whole_ + computing_, 0);
}

TEST_F(OpenedLazily, OpensItOnceForTextsThatAreNew) {
  options_.dtype = EncoderDtype::kBf16;  // LibTorch's on every processor
  const auto encoder = open();
  const auto first = values(*encoder, {"a harp"});
  const auto second = values(*encoder, {"and voices"});
  EXPECT_EQ(computing_, 1);
  EXPECT_EQ(whole_, 0);
  options_.text_store.clear();
  const auto plain = open_text_encoder(options_);
  EXPECT_EQ(first, values(*plain, {"a harp"}));
  EXPECT_EQ(second, values(*plain, {"and voices"}));
}

TEST_F(OpenedLazily, NeedsNoLibTorchForOurOwnKernels) {
  options_.dtype = EncoderDtype::kInt8;
  const auto expected = values(*open_text_encoder(options_), {"a harp"});
  options_.text_store = dir_ / "another";
  EXPECT_EQ(values(*open(), {"a harp"}), expected);
  options_.text_store.clear();
  EXPECT_EQ(values(*open(), {"a harp"}), expected);
  EXPECT_EQ(whole_ + computing_, 0);
}

TEST_F(OpenedLazily, IsKnownByTheNameOfTheEncoderThatItWillBe) {
  for (const auto dtype : {EncoderDtype::kF32, EncoderDtype::kBf16, EncoderDtype::kInt8}) {
    options_.dtype = dtype;
    options_.max_length = 17;
    const auto lazy = open()->fingerprint();
    EXPECT_EQ(lazy, open_text_encoder(options_)->fingerprint());
  }
  EXPECT_EQ(whole_ + computing_, 0);
}

TEST_F(OpenedLazily, OpensAtOnceWhatNeedsLibTorchToBeKnown) {
  options_.dtype = EncoderDtype::kAuto;
  options_.dtype_choice = dir_ / "dtype.json";
  (void)open();
  EXPECT_EQ(whole_, 1) << "no number type was chosen yet";
  (void)open();
  EXPECT_EQ(whole_, 1) << "it stands in the file now";
  options_.dtype = EncoderDtype::kBf16;
  options_.text_store.clear();
  (void)open();
  EXPECT_EQ(whole_, 2) << "nothing is stored";
}

TEST_F(OpenedLazily, SaysAtOnceWhatIsWrongWithAFolder) {
  options_.folder = dir_ / "none";
  expect_error(ErrorKind::kInput, {"none"}, [&] { (void)open(); });
  std::filesystem::copy(encoder_golden("tiny_bert"), dir_ / "broken", std::filesystem::copy_options::recursive);
  options_.folder = dir_ / "broken";
  std::filesystem::resize_file(dir_ / "broken/model.safetensors", 1000);
  expect_error(ErrorKind::kInput, {"model.safetensors"}, [&] { (void)open(); });
  EXPECT_EQ(whole_ + computing_, 0);
}

}  // namespace
}  // namespace persona4rec::test
