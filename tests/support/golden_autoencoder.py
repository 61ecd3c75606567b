"""Our autoencoder with weights from the authors' code."""

import numpy as np
import torch

from methods.shared.generative.autoencoder import DirichletAutoencoders


def autoencoder(case, branch=None, names=("We", "be", "Wd", "bd")):
    """One branch in float64: encoder weight and bias, decoder weight and bias by their
    names in the case.
    """
    of_encoder, encoder_bias, of_decoder, decoder_bias = (
        torch.from_numpy(np.asarray(case[name] if branch is None else case[name][branch])) for name in names
    )
    classes, width = of_encoder.shape
    model = DirichletAutoencoders(1, width - classes, classes).double()
    with torch.no_grad():
        model.weights.copy_(torch.cat([of_encoder[:, :-classes], of_decoder[:, :-classes]])[None])
        model.label_weights.copy_(of_encoder[None, :, -classes:])
        model.latent_weights.copy_(of_decoder[None, :, -classes:])
        model.biases.copy_(torch.cat([encoder_bias, decoder_bias])[None, None])
    return model


def fill(model, case, names=("We", "be", "Wd", "bd")):
    """Give a model of all branches the case's encoder weights and biases, decoder
    weights and biases.
    """
    of_encoder, encoder_bias, of_decoder, decoder_bias = (torch.from_numpy(case[name]) for name in names)
    classes = of_encoder.shape[1]
    with torch.no_grad():
        model.weights.copy_(torch.cat([of_encoder[..., :-classes], of_decoder[..., :-classes]], dim=1))
        model.label_weights.copy_(of_encoder[..., -classes:])
        model.latent_weights.copy_(of_decoder[..., -classes:])
        model.biases.copy_(torch.cat([encoder_bias, decoder_bias], dim=1)[:, None])
    return model
