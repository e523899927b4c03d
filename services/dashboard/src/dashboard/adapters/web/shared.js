// Everything is written with textContent: what comes from outside stays text.
const make = (tag, classes = "", text = "") => {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text) node.textContent = text;
  return node;
};
const tone = (name) => (name ? `tone-${name}` : "");
