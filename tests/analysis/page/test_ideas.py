from benchmark.analysis.page.ideas import idea_of, ideas
from benchmark.contracts.method import methods


def first_paragraph(docstring):
    return " ".join(docstring.strip().split("\n\n")[0].split())


def test_every_registered_method_is_known_by_the_first_paragraph_of_its_docstring():
    assert dict(ideas()) == {name: first_paragraph(methods[name].__doc__) for name in methods}


def test_parameters_do_not_change_the_idea():
    assert idea_of("gce[truncation=0.5]") == idea_of("gce") != ""


def test_a_method_of_ones_own_has_none():
    assert idea_of("made_at_home") == ""
