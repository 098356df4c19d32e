#include "runtime/bytecode/catalogue.hpp"

#include <array>
#include <string_view>

#include "grammar/text/result.hpp"

namespace wf::bytecode {
namespace {

constexpr std::array kResourceWords = {
    "email",   "sender", "topic",    "form",    "page",     "link",     "occasion", "list",
    "segment", "user",   "team",     "message", "webhook",  "workflow", "calendar", "experiment",
    "video",   "survey", "audience", "scoring", "campaign", "sequence",
};
static_assert(kResourceWords.size() == kResourceKinds);

template <class T>
std::uint32_t find_by_name(const std::vector<T>& items, std::string_view name) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].name == name) return static_cast<std::uint32_t>(i);
  }
  return kNone;
}

/// Calls `use` with the vector that holds the resources of a kind; workflows and sequences are not in the
/// catalogue.
template <class Use>
auto with_resources(const Catalogue& c, ResourceKind kind, Use use) -> decltype(use(c.emails)) {
  switch (kind) {
    case ResourceKind::email:
      return use(c.emails);
    case ResourceKind::sender:
      return use(c.senders);
    case ResourceKind::topic:
      return use(c.topics);
    case ResourceKind::form:
      return use(c.forms);
    case ResourceKind::page:
      return use(c.pages);
    case ResourceKind::link:
      return use(c.links);
    case ResourceKind::occasion:
      return use(c.occasions);
    case ResourceKind::list:
      return use(c.lists);
    case ResourceKind::segment:
      return use(c.segments);
    case ResourceKind::user:
      return use(c.users);
    case ResourceKind::team:
      return use(c.teams);
    case ResourceKind::message:
      return use(c.messages);
    case ResourceKind::webhook:
      return use(c.webhooks);
    case ResourceKind::calendar:
      return use(c.calendars);
    case ResourceKind::experiment:
      return use(c.experiments);
    case ResourceKind::video:
      return use(c.videos);
    case ResourceKind::survey:
      return use(c.surveys);
    case ResourceKind::audience:
      return use(c.audiences);
    case ResourceKind::scoring:
      return use(c.scorings);
    case ResourceKind::campaign:
      return use(c.campaigns);
    case ResourceKind::workflow:
    case ResourceKind::sequence:
      break;
  }
  return use(std::vector<StaticList>());
}

}  // namespace

const char* to_string(ResourceKind kind) {
  return kResourceWords[static_cast<std::size_t>(kind)];
}

std::optional<ResourceKind> resource_kind(std::string_view word) {
  for (std::size_t i = 0; i < kResourceWords.size(); ++i) {
    if (word == kResourceWords[i]) return static_cast<ResourceKind>(i);
  }
  return std::nullopt;
}

std::uint32_t Catalogue::find_object(std::string_view name) const {
  return find_by_name(objects, name);
}

std::uint32_t Catalogue::find_event(std::string_view name) const {
  return find_by_name(events, name);
}

std::uint32_t Catalogue::find_property(std::uint32_t object, std::string_view name) const {
  return object < objects.size() ? find_by_name(objects[object].properties, name) : kNone;
}

std::uint32_t Catalogue::find_resource(ResourceKind kind, std::string_view name) const {
  return with_resources(*this, kind, [&](const auto& items) { return find_by_name(items, name); });
}

const std::string& Catalogue::resource_name(ResourceKind kind, std::uint32_t index) const {
  const std::string* name = with_resources(
      *this, kind, [&](const auto& items) { return index < items.size() ? &items[index].name : nullptr; });
  WF_ASSERT(name != nullptr);
  return *name;
}

std::size_t Catalogue::resource_count(ResourceKind kind) const {
  return with_resources(*this, kind, [](const auto& items) { return items.size(); });
}

}  // namespace wf::bytecode
