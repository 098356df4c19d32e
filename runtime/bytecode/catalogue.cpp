#include "runtime/bytecode/catalogue.hpp"

#include <algorithm>
#include <array>
#include <numeric>
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

using Order = std::vector<std::uint32_t>;

template <class T>
std::uint32_t find_by_name(const std::vector<T>& items, std::string_view name) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].name == name) return static_cast<std::uint32_t>(i);
  }
  return kNone;
}

template <class T>
std::uint32_t find_by_name(const std::vector<T>& items, const Order& order, std::string_view name) {
  if (order.size() != items.size()) return find_by_name(items, name);
  const auto it =
      std::lower_bound(order.begin(), order.end(), name,
                       [&](std::uint32_t place, std::string_view n) { return items[place].name < n; });
  return it == order.end() || items[*it].name != name ? kNone : *it;
}

/// Of those with one name the first stays first.
template <class T>
Order order_of(const std::vector<T>& items) {
  Order order(items.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return items[a].name < items[b].name; });
  return order;
}

const Order& order_at(const std::vector<Order>& orders, std::size_t place) {
  static const Order none;
  return place < orders.size() ? orders[place] : none;
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
  return find_by_name(events, events_by_name_, name);
}

std::uint32_t Catalogue::find_property(std::uint32_t object, std::string_view name) const {
  if (object >= objects.size()) return kNone;
  return find_by_name(objects[object].properties, order_at(properties_by_name_, object), name);
}

std::uint32_t Catalogue::find_resource(ResourceKind kind, std::string_view name) const {
  const Order& order = order_at(resources_by_name_, static_cast<std::size_t>(kind));
  return with_resources(*this, kind, [&](const auto& items) { return find_by_name(items, order, name); });
}

void Catalogue::sort_names() {
  events_by_name_ = order_of(events);
  properties_by_name_.clear();
  for (const Object& object : objects) properties_by_name_.push_back(order_of(object.properties));
  resources_by_name_.clear();
  for (std::size_t kind = 0; kind < kResourceKinds; ++kind) {
    resources_by_name_.push_back(with_resources(*this, static_cast<ResourceKind>(kind),
                                                [](const auto& items) { return order_of(items); }));
  }
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
