// `--llm http`: which hosts are asked, and where the key never goes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "support/llm_http.hpp"

namespace persona4rec {
namespace {

using test::ask_all;
using test::error_of;
using test::LlmHttp;
using test::LlmServer;
using test::ScopedEnvironment;

constexpr const char* kKey = "sk-test-4f9a/b81c+77e0=secret";

TEST_F(LlmHttp, FollowsARedirectOnTheSameHostOnly) {
  LlmServer other;
  ScopedEnvironment key("OPENAI_API_KEY", kKey);
  server_ = std::make_unique<LlmServer>(
      Json{{"script", {"redirect"}}, {"redirect_to", other.origin() + "/v1/chat/completions"}});
  const auto thrown = error_of([&] { ask_all(options(), 5); });
  EXPECT_EQ(thrown.kind, ErrorKind::kService);
  EXPECT_TRUE(thrown.says("redirects to another host")) << thrown.message;
  EXPECT_EQ(other.count("requests"), 0U) << "neither key nor prompt went there";

  server_ = std::make_unique<LlmServer>(Json{{"script", {"redirect"}}, {"redirect_to", "/moved/chat/completions"}});
  EXPECT_EQ(ask_all(options(), 5).find("rejected"), std::string::npos);
  EXPECT_EQ(server_->count("with_key"), 6U);
}

TEST_F(LlmHttp, TheKeyIsNowhereEvenIfTheServiceQuotesIt) {
  ScopedEnvironment key("OPENAI_API_KEY", kKey);
  set_log_level(LogLevel::kDebug);
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  server_ = std::make_unique<LlmServer>(Json{{"script", {"500_echo", "ok", "401_echo"}}});
  const auto thrown = error_of([&] { ask_all(options(), 40); });
  std::string seen = thrown.message + testing::internal::GetCapturedStderr() + testing::internal::GetCapturedStdout();
  set_log_level(LogLevel::kInfo);
  EXPECT_TRUE(thrown.says("Incorrect API key provided: Bearer [key].")) << thrown.message;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path()))
    if (entry.is_regular_file()) seen += test::read_file(entry.path());
  EXPECT_EQ(seen.find(kKey), std::string::npos);
  EXPECT_EQ(seen.find("4f9a"), std::string::npos) << "nor a part of it";
}

TEST_F(LlmHttp, SendsNoKeyWhereThereIsNone) {
  ScopedEnvironment key("OPENAI_API_KEY", "");
  ask(Json::object(), 3);
  EXPECT_EQ(server_->count("with_key"), 0U);
}

TEST_F(LlmHttp, VerifiesTheServersCertificate) {
  const std::string make =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext "
      "subjectAltName=IP:127.0.0.1 -keyout " +
      (folder_ / "key.pem").string() + " -out " + (folder_ / "cert.pem").string() + " 2>/dev/null";
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "the openssl program is not there to make a certificate";
  ScopedEnvironment no_bundle("CURL_CA_BUNDLE", (folder_ / "cert.pem").string());
  server_ = std::make_unique<LlmServer>(
      Json{{"certificate", (folder_ / "cert.pem").string()}, {"private_key", (folder_ / "key.pem").string()}});
  EXPECT_EQ(ask_all(options(), 3).find("rejected"), std::string::npos) << "curl's own variable names the authority";

  ScopedEnvironment system_bundle("CURL_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt");
  LlmOptions again = options();
  again.refresh = true;
  const auto thrown = error_of([&] { ask_all(again, 3); });
  EXPECT_EQ(thrown.kind, ErrorKind::kService);
  EXPECT_TRUE(thrown.says("certificate")) << thrown.message;
}

}  // namespace
}  // namespace persona4rec
