package qitech

// words are the texts of an error: Description is English, Translation Portuguese.
type words struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Translation string `json:"translation"`
}

// texts are those of every code: the vendor's as he prints them, slips of the pen among
// them, and then ours.
var texts = map[string]words{
	schemaError: {"Bad Request", "Schema Error", "Erro de Schema"},
	"OBD000002": {"Not Found", "Bank account not found", "Conta não encontrada"},
	"OBD000088": {"Bad Request", "Account blocked or closed can not perform this action", "A conta bloqueada ou fechada não pode executar esta ação"},
	"OBD000089": {"Bad Request", "Hub account can not perform this action", "A conta hub não pode executar esta ação"},
	"OBD000090": {
		"No approver permission", "Given document number does not belong to an approver for this account string",
		"Número de documento enviado não pertence a um aprovador da conta",
	},
	"OBD000091": {"tfa_info is required", "Client must send object tfa_info", "Cliente deve enviar objeto tfa_info."},
	"OBD000092": {"Invalid device info", "Session ID and Device Key must be a valid UUID4", "A Session ID e o Device Key devem ser um UUID4 válidos"},
	"OBD000093": {
		"Requester Configuration not found", "There is no Requester Configuration attributed to requester_key",
		"Não há Requester Configuration para a requester_key enviada",
	},
	"OBD000094": {
		"Requester not allowed to create a device", "Requester has no permission to create a device",
		"Requester não possui permissão para criar um dispositivo",
	},
	"OBD000097": {
		"Error occurred while sending token", "An unexpected error occurred while sending token",
		"Um erro inexperado ocorreu ao tentar enviar token",
	},
	"OBD000099": {
		"Number of token validation attempts exceeded", "The maximum number of failed token validation attempts has been reached",
		"Número máximo de tentativas de validação de token atingida",
	},
	"OBD000100": {"Device not found", "No device is associated with the provided device_key.", "Nenhum dispositivo está associado à device_key fornecida."},
	wrongToken:  {"Incorrect Token", "Token sent does not match expected", "Token enviado não condiz com, o esperado"},

	unauthorized:     {"Unauthorized", "The call shows no credentials that count here", "A chamada não apresenta credenciais válidas"},
	forbidden:        {"Forbidden", "The caller may not do this", "O chamador não tem permissão para isto"},
	notFound:         {"Not Found", "There is nothing here", "Não há nada aqui"},
	methodNotAllowed: {"Method Not Allowed", "This path takes another method", "Este caminho aceita outro método"},
	conflict:         {"Conflict", "The present state does not allow this", "O estado atual não permite isto"},
	tooMany:          {"Too Many Requests", "Too many calls, please try again later", "Chamadas em excesso, tente novamente mais tarde"},
	internal:         {"Internal Server Error", "Internal error", "Erro interno"},
	unavailable:      {"Service Unavailable", "The service can't answer right now, please try again", "O serviço não pode responder agora, tente novamente"},
}

// details are the codes that leave open what was wrong. That of who is not known is nobody's
// business.
var details = map[string]bool{schemaError: true, forbidden: true, notFound: true, methodNotAllowed: true, conflict: true, tooMany: true}
